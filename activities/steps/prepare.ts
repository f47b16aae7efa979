import { activityInfo } from '@temporalio/activity';
import { NetworkFailure } from '../../adapters/git/network-failure.ts';
import { checkCommandTools } from '../../adapters/sandbox/command-tools.ts';
import { benchmarkFindings, findingText } from '../../domain/benchmark/findings.ts';
import { repairsOf } from '../../domain/config/effort.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { commandsOf, sourceName } from '../../domain/config/plan.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { stepSeconds } from '../../domain/config/timeouts.ts';
import { namingFindings } from '../../domain/protection/test-count.ts';
import { sumRecords } from '../../domain/ledger/totals.ts';
import type { PreparedLoop, PrepareInput } from '../../domain/steps.ts';
import { writePlan } from '../../store/loop-files.ts';
import { keepQuota } from '../../store/quota.ts';
import { withEffort } from '../loop/effort.ts';
import type { StepContext } from '../loop/context.ts';
import { isIndexed } from '../loop/indexed.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { planLoop } from '../loop/plan-loop.ts';
import { checkLoopId, refused } from '../loop/refusal.ts';
import { summarize } from '../loop/summary.ts';
import { checkTunable } from '../propose/tune.ts';
import type { BaseFacts } from '../measure/base-facts.ts';
import { baseFacts } from '../measure/baseline.ts';
import { profileChampion } from '../measure/profiles.ts';
import { makeRunnable } from '../trees/runnable.ts';
import { elsewhere } from '../trees/elsewhere.ts';
import { beginLedger, completePlan, withdrawOnRefusal } from '../record/begin-ledger.ts';

/** Checks everything that can be checked before the first iteration, and fixes the plan. A miss ends the loop. */
export async function prepare(context: WorkerContext, input: PrepareInput): Promise<PreparedLoop> {
  const { loopId, startedAt } = input;
  checkLoopId(loopId);
  const { worker } = context;
  const planned = await refusing(() => planLoop(context, loopId, input.config));
  const { loop, champion, records, isNew } = planned;
  const { repository, plan } = loop;
  const { config } = plan;
  if (isNew) await checkQuota(worker, loopId);
  // Permission to push is known before anything is measured.
  const beginsEarly = isUrl(repository) && records.length === 0;
  if (beginsEarly && isNew) await refusing(() => beginLedger(loop, startedAt));
  const onLoop = { ...context, loop };
  const qualify = async () => {
    await checkTools(context, config);
    const base = await baseFacts(onLoop);
    return { base, doubts: records.length === 0 ? await profileBase(onLoop, base) : [] };
  };
  const { base, doubts } = beginsEarly ? await withdrawOnRefusal(loop, qualify) : await qualify();
  const { loop: fixed, text: effort } = await withEffort(loop, base);
  if (isNew && !beginsEarly) await beginLedger(fixed, startedAt);
  // It began before anything was measured, or was cut short after that.
  else if (records.length === 0 && !plan.effort) await completePlan(fixed, startedAt);
  await writePlan(loop.directory, fixed.plan);
  return {
    loopId,
    repository,
    // A path is on this host's disk; a URL any worker of the loop's own queue can go on with.
    queue: isUrl(repository) ? activityInfo().taskQueue : worker.queue,
    champion,
    baseSha: plan.baseSha,
    branch: plan.branch,
    nextIteration: (records.at(-1)?.iteration ?? 0) + 1,
    limits: { iterations: config.iterations, ...config.budget, repairs: repairsOf(plan) },
    stepSeconds: stepSeconds(config),
    hostTimeoutSeconds: worker.settings.hostTimeoutSeconds,
    isIndexed: await isIndexed(),
    ...(records.length > 0 && { earlier: sumRecords(records) }),
    model: sourceName(plan.source),
    summary: `${summarize(onLoop, base, planned.why)}; ${effort}`,
    notes: [
      ...planned.notes,
      ...new Set((await elsewhere(loop)).slice(0, 3).map(({ note }) => note)),
      ...doubts,
      ...[...namingFindings(base.naming), ...benchmarkFindings(base, config)].map(findingText),
    ],
  };
}

async function checkQuota({ dataDirectory, settings, usage }: WorkerContext['worker'], loopId: string): Promise<void> {
  const { problem } = await keepQuota(dataDirectory, settings.quotaMiB, usage, loopId);
  if (problem) throw refused(problem);
}

/** Ends the loop where a server refuses for good; one that does not answer may come back. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NetworkFailure && error.isPermanent) throw refused(error.message);
    throw error;
  }
}

/** Profiles the base, as the first iteration would: what nobody can find hot, or tune, is known before. */
async function profileBase(context: StepContext, { workspace }: BaseFacts): Promise<string[]> {
  const { config, baseSha, source } = context.loop.plan;
  if (config.profile === 'none') return [];
  const made = await makeRunnable(context, baseSha);
  if (!made.ok) return [];
  const { doubt, hotspots } = await profileChampion(context, { ...made.runnable, workspace }, baseSha);
  if (source.kind === 'tune') await checkTunable(context.loop, hotspots);
  return doubt ? [doubt] : [];
}

async function checkTools({ worker, machineLock }: WorkerContext, config: LoopConfig): Promise<void> {
  const { tools } = worker.settings;
  const broken = await machineLock.exclusively(({ selfTest }) => selfTest(tools));
  const unreachable = commandsOf(config).flatMap(([field, command]) =>
    checkCommandTools(command, tools, worker.sandbox.kind).map((problem) => `${field}: ${problem}`),
  );
  if (broken.length + unreachable.length > 0) throw refused(...broken, ...unreachable);
}
