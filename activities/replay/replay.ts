import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { replayLanguages, type ReplayLanguage } from '../../adapters/replay/languages.ts';
import { isSameAnswer } from '../../domain/replay/compare.ts';
import {
  addCoverage,
  coverageOf,
  noCoverage,
  ranIn,
  reasonsOf,
  type EditedFunction,
  type ReplayCoverage,
} from '../../domain/replay/coverage.ts';
import { constantsOf } from '../../domain/replay/constants.ts';
import { keyOf, type Answer, type Recorded } from '../../domain/replay/contract.ts';
import { differenceText, type Difference } from '../../domain/replay/difference.ts';
import { planCalls, uselessness, type PlannedCall } from '../../domain/replay/plan.ts';
import type { ChallengeInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { told } from '../loop/told.ts';
import { baseFacts } from '../measure/baseline.ts';
import { makeCandidateRunnable, makeRunnable } from '../trees/runnable.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';
import { callAll, callPatiently, candidateCallMs, type Callee } from './call.ts';
import { findChange, readModules, rewritten } from './modules.ts';
import { recordCalls } from './record.ts';
import { differs, shrink } from './shrink.ts';
import { withStaged } from './stage.ts';
import { watchBenchmark } from './watch.ts';

export type ReplayResult =
  { kind: 'same'; coverage: ReplayCoverage } | { kind: 'differs'; coverage: ReplayCoverage; detail: string };

/**
 * Calls functions of base and candidate with the same inputs, in separate runs, and compares their answers outside.
 * @param keepsAnswers false: nothing is compared where the benchmark runs code of the loop, since its answers may change
 */
export async function replayCheck(
  context: StepContext,
  { tree }: ChallengeInput,
  keepsAnswers = true,
): Promise<ReplayResult> {
  const { loop } = context;
  const candidate = await makeCandidateRunnable(context, tree);
  const base = await makeRunnable(context, loop.plan.baseSha);
  let coverage = noCoverage;
  if (!base.ok || !candidate.ok) return { kind: 'same', coverage };
  for (const language of replayLanguages) {
    const result = await replayIn(context, language, {
      ...{ base: base.runnable, candidate: candidate.runnable, keepsAnswers },
    });
    coverage = addCoverage(coverage, result.coverage);
    if (result.kind === 'differs') return { ...result, coverage };
  }
  return { kind: 'same', coverage };
}

async function replayIn(
  context: StepContext,
  language: ReplayLanguage,
  { base, candidate, keepsAnswers }: Record<'base' | 'candidate', RunnableTree> & { keepsAnswers: boolean },
): Promise<ReplayResult> {
  const { loop } = context;
  const modules = await readModules(loop, base, language);
  const { edited, gone, modules: changed } = await findChange(modules, base.tree, candidate.tree);
  if (edited.length === 0) return { kind: 'same', coverage: noCoverage };
  const offering = { modules: rewritten(modules, language), language };
  const { tests, benchmark, isUntouched } = await recordCalls(context, base, offering);
  if (!keepsAnswers && !isUntouched) return { kind: 'same', coverage: noCoverage };
  const isThere = (one: Recorded) => !gone.has(keyOf(one));
  const constants = new Map(edited.map((one) => [keyOf(one), constantsOf(one, modules.get(one.file)!)]));
  const recorded = { tests: tests.filter(isThere), benchmark: benchmark.filter(isThere) };
  const calls: PlannedCall[] = [];
  for (const some of planCalls(recorded, { edited, constants }, randomInt(2 ** 31))) {
    calls.push(...some);
    // Heartbeats go on in between.
    await setImmediate();
  }
  const { workspace } = await baseFacts(context);
  return withStaged(loop, base, offering, (baseTree) =>
    withStaged(loop, candidate, { modules: rewritten(changed, language), language }, async (candidateTree) => {
      const sides = {
        base: { tree: { ...baseTree, workspace }, language },
        candidate: { tree: { ...candidateTree, workspace }, language },
      };
      const known = await callBase(context, sides.base, calls, edited);
      const coverage = coverageOf(edited, known, reasonsOf([...tests, ...benchmark], known.useless));
      const compared = known.kept.length === 0 ? null : await compare(context, sides, known);
      const difference = compared ?? (await watchBenchmark(context, sides.base.tree, sides.candidate.tree));
      return difference
        ? { kind: 'differs', coverage, detail: told(loop, differenceText(difference)) }
        : { kind: 'same', coverage };
    }),
  );
}

interface KnownCalls {
  /** Calls that run an edited function, and that the base answers twice alike. */
  kept: PlannedCall[];
  answers: Map<number, Answer>;
  covered: Set<EditedFunction>;
  useless: [PlannedCall, string][];
  wallMs: number;
}

/** Runs the calls on the base twice: with a trace, and those that are left as the candidate will. */
async function callBase(
  context: StepContext,
  callee: Callee,
  calls: PlannedCall[],
  edited: readonly EditedFunction[],
): Promise<KnownCalls> {
  context.say(`replaying ${calls.length} calls on the base`);
  const traced = await callPatiently(context, callee, calls, [...new Set(edited.map(({ file }) => file))]);
  const useless: KnownCalls['useless'] = [];
  const useful = calls.filter((call) => {
    const answer = traced.answers.get(call.id);
    const why = uselessness(call, answer);
    if (why !== null) useless.push([call, why]);
    return why === null && ranIn(edited, answer!).length > 0;
  });
  const again = await callPatiently(context, callee, useful);
  const changing = new Set<string>();
  for (const call of useful) {
    const answer = again.answers.get(call.id);
    if (answer && isSameAnswer(traced.answers.get(call.id)!, answer)) continue;
    changing.add(keyOf(call));
    useless.push([call, 'answers otherwise in a second run of the base']);
  }
  const kept = useful.filter((call) => !changing.has(keyOf(call)));
  const covered = new Set(kept.flatMap((call) => ranIn(edited, traced.answers.get(call.id)!)));
  return { kept, answers: again.answers, covered, useless, wallMs: again.wallMs };
}

async function compare(
  context: StepContext,
  sides: Record<'base' | 'candidate', Callee>,
  { kept, answers, wallMs }: KnownCalls,
): Promise<Difference | null> {
  context.say(`replaying ${kept.length} calls on the candidate`);
  const seconds = Math.ceil(10 + wallMs / 100);
  const limits = { callMs: candidateCallMs, seconds };
  let found = await callAll(context, sides.candidate, kept, limits);
  const isAnswered = ({ id }: PlannedCall) => found.answers.has(id);
  // The machine may have been busy.
  if (found.broken !== null && !kept.some((call) => isAnswered(call) && differs(call.id, answers, found)))
    found = await callAll(context, sides.candidate, kept, { ...limits, seconds: 2 * seconds });
  const different = kept.filter(({ id }) => differs(id, answers, found));
  return different.length === 0 ? null : shrink(context, sides, { different, answers, found });
}
