import { realpath } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/activity';
import { fetchCommit, openClone } from '../adapters/git/clone.ts';
import { lastRecord, ledgerCommit, readLedger } from '../adapters/git/ledger.ts';
import { publish } from '../adapters/git/publish.ts';
import { championOf } from '../adapters/git/refs.ts';
import { branchProblem, repositoryProblem, resolveBase } from '../adapters/git/repository.ts';
import { listFiles } from '../adapters/git/trees.ts';
import { matchesGlob } from '../adapters/glob.ts';
import { withMachineLock } from '../adapters/lock.ts';
import { checkCommandTools } from '../adapters/sandbox/command-tools.ts';
import { admit } from '../domain/admission.ts';
import { branchOf, parseLoopConfig, type LoopConfig } from '../domain/config.ts';
import { freshPairs, loopFalseCommitRate } from '../domain/decision.ts';
import { sourceName } from '../domain/plan.ts';
import type { Prepared, PrepareInput } from '../domain/steps.ts';
import { measure, type Measurement } from './execute.ts';
import { withHeartbeat } from './heartbeat.ts';
import { chooseSource } from './source.ts';
import { checkLoopId, refused, withAdmission, writePlan, type OpenLoop, type Resources } from './resources.ts';
import { makeRunnable } from './runnable.ts';
import { runTests } from './test.ts';
import { stepSeconds } from '../domain/step-seconds.ts';

/** Checks everything that can be checked before the first iteration, and fixes the plan. A miss ends the loop for good. */
export async function prepare(resources: Resources, input: PrepareInput): Promise<Prepared> {
  return withHeartbeat(async (signal) => {
    const { config, repository } = await admitConfig(resources, input);
    const { loop, nextIteration, champion, isNew } = await plan(resources, input.loopId, config, repository);
    await checkTools(resources, config);
    const base = await checkBase(resources, loop, signal);
    if (isNew) await beginLedger(loop, input.startedAt);
    await writePlan(loop);
    return {
      loopId: input.loopId,
      repository,
      queue: resources.queue,
      champion,
      baseSha: loop.plan.baseSha,
      nextIteration,
      limits: { iterations: config.iterations, ...config.budget, repairs: config.hypothesis.repairs },
      stepSeconds: stepSeconds(config),
      model: sourceName(loop.plan.source),
      summary: summarize(resources, loop, base),
    };
  });
}

async function admitConfig(resources: Resources, { loopId, config: input }: PrepareInput): Promise<{ config: LoopConfig; repository: string }> {
  checkLoopId(loopId);
  const parsed = parseLoopConfig(input);
  if (!parsed.ok) throw refused(parsed.problems);
  const config = parsed.value;
  const repository = await realpath(config.repository).catch(() => config.repository);
  const admission = admit(config, repository, resources.settings, matchesGlob);
  if (!admission.ok) throw refused(admission.problems);
  const problem = await repositoryProblem(repository);
  if (problem) throw refused([problem]);
  return { config, repository };
}

interface Planned {
  loop: OpenLoop;
  /** From 1, or after the ledger's last record. */
  nextIteration: number;
  champion: string;
  isNew: boolean;
}

/** The plan of a new loop, or that of the ledger where the loop has begun before. */
async function plan(resources: Resources, loopId: string, config: LoopConfig, repository: string): Promise<Planned> {
  const clone = await openClone(resources.dataDirectory, repository);
  const branch = branchOf(config, loopId);
  const blocked = await branchProblem(repository, branch, loopId);
  if (blocked) throw refused([blocked]);
  const baseSha = await resolveBase(repository, config.base);
  if (!baseSha)
    throw refused([
      `base: "${config.base}" is no commit of ${repository}; ${config.base === 'HEAD' ? 'make a first commit' : 'give a branch, tag or commit that is there'}`,
    ]);
  await fetchCommit(clone, repository, baseSha, { loopId, branch });
  const ledger = await readLedger(clone, loopId, { recordsFrom: Infinity });
  if (ledger.plan) {
    const begun = ledger.plan;
    if (JSON.stringify(begun.config) !== JSON.stringify(config))
      throw refused([`loop id: "${loopId}" has a ledger of another configuration; give this loop another id`]);
    const champion = (await championOf(repository, loopId, branch)) ?? begun.baseSha;
    const nextIteration = ((await lastRecord(clone, loopId))?.iteration ?? 0) + 1;
    return { loop: withAdmission(resources, { ...begun, loopId }, repository, clone), nextIteration, champion, isNew: false };
  }
  const files = await listFiles(clone, baseSha);
  const dead = config.editable.filter((glob) => !files.some(({ path, mode }) => mode.startsWith('100') && matchesGlob(path, glob)));
  if (dead.length > 0) throw refused(dead.map((glob) => `editable: "${glob}" matches no file of ${config.base} (${baseSha.slice(0, 10)}); correct the glob`));
  const source = await chooseSource(resources, config);
  const a0 = loopFalseCommitRate(config.falseCommitRate, config.iterations);
  const loop = withAdmission(resources, { version: 1, loopId, config, baseSha, branch, a0, source }, repository, clone);
  return { loop, nextIteration: 1, champion: baseSha, isNew: true };
}

/** The ledger begins only when nothing can be refused any more: a refused loop leaves no ref. */
async function beginLedger({ clone, repository, plan: fixed }: OpenLoop, startedAt: string): Promise<void> {
  const { loopId, branch, config } = fixed;
  const head = await ledgerCommit(clone, null, { loopId, plan: fixed, identity: config.commit.identity, date: startedAt });
  const published = await publish(clone, repository, { loopId, branch, ledger: { old: null, new: head }, champion: null });
  if (published.kind !== 'published') throw ApplicationFailure.retryable(`ledger: ${published.detail}`, 'LedgerMoved');
}

async function checkTools(resources: Resources, config: LoopConfig): Promise<void> {
  const broken = await withMachineLock(() => resources.sandbox.selfTest(resources.settings.tools));
  const commands: [string, string | undefined][] = [
    ['setup', config.setup],
    ['build', config.build],
    ['test', config.test],
    ['benchmark.command', config.benchmark.command],
  ];
  const unreachable = commands.flatMap(([field, command]) =>
    command ? checkCommandTools(command, resources.settings.tools, resources.sandbox.kind).map((problem) => `${field}: ${problem}`) : [],
  );
  if (broken.length + unreachable.length > 0) throw refused([...broken, ...unreachable]);
}

/** Setup, build, tests and one benchmark of the base: what fails here would fail in every iteration. */
async function checkBase(resources: Resources, loop: OpenLoop, signal: AbortSignal): Promise<Measurement & { testMs: number }> {
  const made = await makeRunnable(resources, loop, loop.plan.baseSha, signal);
  if (!made.ok) throw refused([`base ${loop.plan.baseSha.slice(0, 10)} cannot be made ready: ${made.detail}`]);
  const began = performance.now();
  const tested = await runTests(resources, loop, made.runnable, signal);
  const testMs = performance.now() - began;
  if (tested.kind === 'failed')
    throw refused([`test: fails on the base ${loop.plan.baseSha.slice(0, 10)} in the sandbox; correct the command or the base\n${tested.detail}`]);
  const run = await withMachineLock(() => measure(resources, loop, made.runnable, signal), { signal });
  if (!run.ok) throw refused([run.problem]);
  return { ...run, testMs };
}

function summarize(
  { sandbox }: Resources,
  { plan: { config, baseSha, source, a0 } }: OpenLoop,
  { metric, testMs, wallMs }: Measurement & { testMs: number },
): string {
  const { benchmark } = config;
  // A typical no-op takes 6 pairs, a clear gain 12 and its fresh ones; one more warms up.
  const [shortest, usual] = [6, 12 + freshPairs].map((pairs) => Math.ceil((testMs + 2 * (pairs + 1) * wallMs) / 1000));
  return [
    `base ${config.base} = ${baseSha.slice(0, 10)} (committed work only)`,
    `benchmark ${metric} ${benchmark.unit}, ${benchmark.better} is better; tests ${(testMs / 1000).toFixed(1)} s`,
    `an iteration takes about ${shortest} s (no gain) to ${usual} s (a clear gain) beside the model`,
    `model ${sourceName(source)}${source.kind === 'embedded' ? ' (for trying the loop, not for real code)' : ''}${source.contextTokens ? `, context ${source.contextTokens} tokens` : ''}`,
    `sandbox ${sandbox.kind}, limits by ${sandbox.limitsLayer}; false commit rate ${a0} a decision`,
  ].join('; ');
}
