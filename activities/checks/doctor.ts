import { activityInfo } from '@temporalio/activity';
import { fetchCommits } from '../../adapters/git/clone.ts';
import { listFiles } from '../../adapters/git/trees.ts';
import { matchesGlob } from '../../adapters/glob.ts';
import type { DoctorAnswer, DoctorInput } from '../../domain/checks.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { commandSource } from '../../domain/config/plan.ts';
import { editableProblems, unprotectedProblems, protectedFilesOf } from '../../domain/protection/protected-files.ts';
import type { BenchmarkRun } from '../../domain/verdict/noise.ts';
import { removeTree } from '../../store/discard.ts';
import { dataPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import type { Worker, WorkerContext } from '../loop/resources.ts';
import { allowedRepository, baseOf, digest, openPlan, openRepository, type OpenLoop } from '../loop/open-loop.ts';
import { parseConfig } from '../loop/plan-loop.ts';
import { readProtectionFacts } from '../loop/protection-facts.ts';
import { refused } from '../loop/refusal.ts';
import { baseFacts } from '../measure/baseline.ts';
import { measure, newBenchSeed, sideMetric, theBenchmark, type Measurable } from '../measure/execute.ts';
import { lookAtEditable } from '../propose/editable.ts';
import { formOfSource } from '../propose/source.ts';
import { profileChampion, type Profile } from '../measure/profiles.ts';
import { treeProblems } from '../trees/elsewhere.ts';
import { uncommittedProblems } from '../trees/uncommitted.ts';
import { makeRunnable } from '../trees/runnable.ts';
import { benchmarkOnly } from './benchmark-only.ts';
import { findUnnoticed } from './unnoticed.ts';

/** Tests the base of a config and repeats its benchmark as candidates are run; writes nothing in the repository. */
export async function doctor(context: WorkerContext, input: DoctorInput): Promise<DoctorAnswer> {
  if (!Number.isInteger(input.runs) || input.runs < 2 || input.runs > 1_000)
    throw refused(`runs: ${String(input.runs)} is not a number from 2 to 1000`);
  const loop = await openBase(context, input.config);
  try {
    const onLoop = { ...context, loop };
    const { workspace, testRuns, naming, testMs, ...facts } = await baseFacts(onLoop);
    const { startUp, metric, cpuMs, wallMs, quietMs, isFixedTime, harness, compiling } = facts;
    const benchmark = { startUp, metric, cpuMs, wallMs, quietMs, isFixedTime, harness, compiling };
    const what = theBenchmark(loop);
    const measured = await runAgain(onLoop, workspace, { what, count: what.noise === 'exact' ? 3 : input.runs });
    const sideRuns: DoctorAnswer['sideRuns'] = [];
    for (const metric of loop.plan.config.sideMetrics.filter(({ noise }) => noise === 'measured')) {
      const { runs } = await runAgain(onLoop, workspace, { what: sideMetric(loop, metric), count: input.runs });
      sideRuns.push({ name: metric.name, values: runs.map((run) => run.metric) });
    }
    const { kind: sandbox } = context.worker.sandbox;
    const isQuick = input.runs < leastRuns;
    const isProfiled = !isQuick && loop.plan.config.profile !== 'none';
    const profile = isProfiled ? await profileBase(onLoop, workspace) : null;
    // Where no model is there, the client's own check has told it.
    const source = (isQuick ? null : await formOfSource(context, parseConfig(input.config))) ?? loop.plan.source;
    const { notes, problems } = await lookAtEditable(loop, source);
    const unnoticed = isQuick ? null : await findUnnoticed(onLoop);
    const tested = { workspace, testRuns, naming, profile, unnoticed, testMs, notes, problems };
    return { baseSha: loop.plan.baseSha, ...tested, benchmark, ...measured, sideRuns, sandbox };
  } finally {
    await removeTree(loop.directory);
  }
}

async function profileBase(context: StepContext, workspace: DoctorAnswer['workspace']): Promise<Profile> {
  const made = await makeRunnable(context, context.loop.plan.baseSha);
  if (!made.ok) throw refused(made.detail);
  return profileChampion(context, { ...made.runnable, workspace }, context.loop.plan.baseSha);
}

/** With fewer runs somebody wants to know one thing soon. */
const leastRuns = 10;

/** Opens a loop on the base of a config, in a directory of its own. */
async function openBase(context: WorkerContext, input: unknown): Promise<OpenLoop> {
  const { worker } = context;
  const parsed = parseConfig(input);
  const place = await openRepository(context, await allowedRepository(worker, parsed.repository));
  const baseSha = await baseOf(place, parsed);
  await fetchCommits(place.clone, place.repository, [baseSha]);
  // Held-out tests are not run: the worker would have to allow them.
  const config = { ...benchmarkOnly(parsed), sideMetrics: parsed.sideMetrics };
  const source = commandSource('none');
  const fixed = { version: 1, loopId: 'doctor', branch: 'doctor', alpha: config.falseCommitRate, source } as const;
  const loop = await openPlan(worker, place, { ...fixed, config, baseSha });
  const misfits = [
    ...(await treeProblems(loop)),
    ...(await editableMisfits(worker, loop, parsed)),
    ...(await uncommittedProblems(loop)),
  ];
  if (misfits.length > 0) throw refused(...misfits);
  const directory = dataPaths(worker.dataDirectory).doctor(digest(activityInfo().workflowExecution));
  return { ...loop, directory };
}

/** Checks by all commands of the config: the guard's, too, may name files that no candidate may change. */
async function editableMisfits(worker: Worker, { clone, plan }: OpenLoop, config: LoopConfig): Promise<string[]> {
  const { guards } = worker.settings;
  const { guard, editable, unprotected } = config;
  const guardCommand = guard !== undefined && Object.hasOwn(guards, guard) ? guards[guard]?.command : undefined;
  const facts = await readProtectionFacts(worker.cache, clone, plan.baseSha);
  const protectedFiles = protectedFilesOf(config, { matches: matchesGlob, ...facts, guardCommand });
  const files = await listFiles(clone, plan.baseSha);
  const unopened = unprotectedProblems(files, unprotected, protectedFiles);
  return [...unopened, ...editableProblems(files, editable, protectedFiles, { matches: matchesGlob })];
}

/** Runs with one seed one after the other, as in a pair; the machine is free between them. */
async function runAgain(
  context: StepContext,
  workspace: DoctorAnswer['workspace'],
  { what, count }: { what: Measurable; count: number },
) {
  const { plan } = context.loop;
  const made = await makeRunnable(context, plan.baseSha);
  if (!made.ok) throw refused(made.detail);
  const benchSeed = newBenchSeed();
  const runs: BenchmarkRun[] = [];
  let elapsed = 0;
  for (let run = 0; run <= count; run++) {
    context.say(`${what.field}, run ${run} of ${count}`);
    await exclusively(context, async (held) => {
      const began = performance.now();
      const result = await measure(held, { ...made.runnable, workspace }, { what, benchSeed });
      if (!result.ok) throw refused(result.problem);
      const { metric, cpuMs, wallMs } = result;
      // The first one warms up, as a decision's first pair does.
      if (run === 0) return;
      runs.push({ metric, cpuMs, wallMs });
      elapsed += performance.now() - began;
    });
  }
  return { runs, runMs: elapsed / count };
}
