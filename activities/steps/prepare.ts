import { ApplicationFailure, Context } from '@temporalio/activity';
import { openClone } from '../../adapters/git/clone.ts';
import { ledgerCommit, ledgerHead, readLedger } from '../../ledger/ledger.ts';
import { NetworkFailure } from '../../adapters/git/network-failure.ts';
import { publish, withdrawLedger } from '../../ledger/publish.ts';
import { championOf } from '../../ledger/refs.ts';
import { repositoryProblem, resolveBase } from '../../adapters/git/repository.ts';
import { listFiles } from '../../adapters/git/trees.ts';
import { matchesGlob } from '../../adapters/glob.ts';
import { withMachineLock } from '../../adapters/lock.ts';
import { checkCommandTools } from '../../adapters/sandbox/command-tools.ts';
import { grantAccess } from '../../domain/config/grants.ts';
import { branchOf, type LoopConfig } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { loopFalseCommitRate } from '../../domain/verdict/decision.ts';
import { sumRecords } from '../../domain/ledger/earlier.ts';
import { editableProblems } from '../../domain/protection/protected-files.ts';
import { sourceName } from '../../domain/config/plan.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { stepSeconds } from '../../domain/config/step-seconds.ts';
import type { PreparedLoop, PrepareInput } from '../../domain/steps.ts';
import { baseFacts } from '../measure/baseline.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { findRecord } from '../record/outcome.ts';
import { treeProblems } from '../trees/protection.ts';
import { branchConflict, branchProblem } from '../../ledger/branch.ts';
import { bringUpToDate } from '../../ledger/sync.ts';
import { writePlan } from '../../store/loop-files.ts';
import { keepQuota } from '../../store/quota.ts';
import { chooseSource } from '../loop/source.ts';
import {
  baseScripts,
  checkLoopId,
  realPlace,
  refused,
  withGrants,
  type OpenLoop,
  type Resources,
} from '../loop/resources.ts';
import { summarize } from '../loop/summary.ts';

/** Checks everything that can be checked before the first iteration, and fixes the plan. A miss ends the loop for good. */
export async function prepare(resources: Resources, input: PrepareInput): Promise<PreparedLoop> {
  return withHeartbeat(async (signal) => {
    const { config, repository } = await checkConfig(resources, input);
    const planned = await refusing(() => plan(resources, input.loopId, config, repository));
    const { loop, champion, records, isNew } = planned;
    if (isNew) await refuseAboveQuota(resources, input.loopId);
    // Whether it may push is known before anything is measured.
    const early = isUrl(repository) ? await refusing(() => beginEarly(planned, input.startedAt)) : null;
    const base = await withdrawing(loop, early, async () => {
      await checkTools(resources, config, signal);
      return baseFacts(resources, loop, signal);
    });
    if (isNew && !early) await beginLedger(loop, input.startedAt);
    await writePlan(loop.directory, loop.plan);
    return {
      loopId: input.loopId,
      repository,
      // A path is on this host's disk; a URL any worker of the loop's own queue can go on with.
      queue: isUrl(repository) ? Context.current().info.taskQueue : resources.queue,
      champion,
      baseSha: loop.plan.baseSha,
      nextIteration: (records.at(-1)?.iteration ?? 0) + 1,
      limits: { iterations: config.iterations, ...config.budget, repairs: config.hypothesis.repairs },
      stepSeconds: stepSeconds(config),
      hostTimeoutSeconds: resources.settings.hostTimeoutSeconds,
      ...(records.length > 0 && { earlier: sumRecords(records) }),
      model: sourceName(loop.plan.source),
      summary: summarize(resources, loop, base),
    };
  });
}

async function checkConfig(
  resources: Resources,
  { loopId, config: input }: PrepareInput,
): Promise<{ config: LoopConfig; repository: string }> {
  checkLoopId(loopId);
  const parsed = parseLoopConfig(input);
  if (!parsed.ok) throw refused(parsed.problems);
  const config = parsed.value;
  const repository = await realPlace(config.repository);
  const grants = grantAccess(config, repository, resources.settings, matchesGlob);
  if (!grants.ok) throw refused(grants.problems);
  const problem = await repositoryProblem(repository);
  if (problem) throw refused([problem]);
  return { config, repository };
}

/** What a server refuses for good ends the loop; one that does not answer may come back. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NetworkFailure && error.isPermanent) throw refused([error.message]);
    throw error;
  }
}

/** A refused loop leaves no ref: the ledger that was begun to see whether it can be is taken back. */
async function withdrawing<T>(
  { clone, repository, plan: { loopId, branch } }: OpenLoop,
  begun: string | null,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isRefusal = error instanceof ApplicationFailure && error.nonRetryable === true;
    if (begun && isRefusal) await withdrawLedger(clone, repository, { loopId, branch, head: begun });
    throw error;
  }
}

/** Begins the ledger of a loop that has no record yet, or finds it so; null where the loop is under way. */
async function beginEarly({ loop, records, isNew }: Planned, startedAt: string): Promise<string | null> {
  if (isNew) await beginLedger(loop, startedAt);
  return records.length > 0 ? null : ledgerHead(loop.clone, loop.plan.loopId);
}

interface Planned {
  loop: OpenLoop;
  /** Of a ledger that is there already, by iteration. */
  records: IterationRecord[];
  champion: string;
  isNew: boolean;
}

/** The plan of a new loop, or that of the ledger where the loop has begun before. */
async function plan(resources: Resources, loopId: string, config: LoopConfig, repository: string): Promise<Planned> {
  const clone = await openClone(resources.dataDirectory, repository);
  const branch = branchOf(config, loopId);
  const blocked = await branchProblem(repository, { loopId, branch });
  if (blocked) throw refused([blocked]);
  const baseSha = await resolveBase(repository, config.base);
  if (!baseSha)
    throw refused([
      `base: "${config.base}" is no commit of ${repository}; ${config.base === 'HEAD' ? 'make a first commit' : 'give a branch, tag or commit that is there'}`,
    ]);
  await bringUpToDate(clone, repository, { loopId, branch }, baseSha);
  const shared = await branchConflict(clone, repository, { loopId, branch });
  if (shared) throw refused([shared]);
  const ledger = await readLedger(clone, loopId);
  if (ledger.plan) {
    const begun = ledger.plan;
    // Parsed again: a ledger of an earlier version lacks the defaults of this one.
    const known = parseLoopConfig(begun.config);
    if (!known.ok || JSON.stringify(known.value) !== JSON.stringify(config))
      throw refused([`loop id: "${loopId}" has a ledger of another configuration; give this loop another id`]);
    const loop = withGrants(
      resources,
      { ...begun, loopId },
      repository,
      clone,
      await baseScripts(clone, begun.baseSha),
    );
    const last = ledger.records.at(-1);
    // Looking it up puts its commit in place, should that have been cut short.
    if (last) await findRecord(loop, last.iteration);
    const champion = (await championOf(repository, { loopId, branch })) ?? begun.baseSha;
    return { loop, records: ledger.records, champion, isNew: false };
  }
  const source = await chooseSource(resources, config);
  const alpha = loopFalseCommitRate(config.falseCommitRate, config.iterations);
  const loop = withGrants(
    resources,
    { version: 1, loopId, config, baseSha, branch, alpha, source },
    repository,
    clone,
    await baseScripts(clone, baseSha),
  );
  const misfits = [
    ...(await treeProblems(loop)),
    ...editableProblems(await listFiles(clone, baseSha), config.editable, loop.protectedFiles, {
      matches: matchesGlob,
    }),
  ];
  if (misfits.length > 0) throw refused(misfits);
  return { loop, records: [], champion: baseSha, isNew: true };
}

/** The ledger begins only when nothing can be refused any more: a refused loop leaves no ref. */
async function beginLedger({ clone, repository, plan: fixed }: OpenLoop, startedAt: string): Promise<void> {
  const { loopId, branch, config } = fixed;
  const head = await ledgerCommit(clone, null, {
    loopId,
    plan: fixed,
    identity: config.commit.identity,
    date: startedAt,
  });
  const published = await publish(clone, repository, {
    loopId,
    branch,
    ledger: { old: null, new: head },
    champion: null,
  });
  if (published.kind !== 'published') throw ApplicationFailure.retryable(`ledger: ${published.detail}`, 'LedgerMoved');
  // Loops that are prepared at the same moment have all found the branch free. Now at least the later one sees the other.
  const shared = await branchConflict(clone, repository, { loopId, branch });
  if (!shared) return;
  await withdrawLedger(clone, repository, { loopId, branch, head });
  throw refused([shared]);
}

/** After all that may go has gone. */
async function refuseAboveQuota({ dataDirectory, settings, usage }: Resources, loopId: string): Promise<void> {
  const { problem } = await keepQuota(dataDirectory, settings.quotaMiB, usage, loopId);
  if (problem) throw refused([problem]);
}

async function checkTools(resources: Resources, config: LoopConfig, signal: AbortSignal): Promise<void> {
  const broken = await withMachineLock(() => resources.sandbox.selfTest(resources.settings.tools), { signal });
  const commands: [string, string | undefined][] = [
    ['setup', config.setup],
    ['build', config.build],
    ['test', config.test],
    ['benchmark.command', config.benchmark.command],
    ...config.sideMetrics.map(({ name, command }): [string, string] => [`sideMetrics.${name}.command`, command]),
  ];
  const unreachable = commands.flatMap(([field, command]) =>
    command
      ? checkCommandTools(command, resources.settings.tools, resources.sandbox.kind).map(
          (problem) => `${field}: ${problem}`,
        )
      : [],
  );
  if (broken.length + unreachable.length > 0) throw refused([...broken, ...unreachable]);
}
