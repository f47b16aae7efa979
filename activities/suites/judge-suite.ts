import { failedOfBase } from '../../domain/protection/held-out.ts';
import {
  isAllButFlaky,
  isExcused,
  judgeTests,
  longestTests,
  maxTestRuns,
  type TestJudgement,
} from '../../domain/protection/flaky-tests.ts';
import type { TestAnswer, TestInput } from '../../domain/steps.ts';
import type { TestFailure } from '../../domain/ledger/record.ts';
import { writeAtomically } from '../../store/files.ts';
import { iterationPaths, loopPaths } from '../../store/layout.ts';
import type { StepContext } from '../loop/context.ts';
import { told } from '../loop/told.ts';
import type { BaseFacts } from '../measure/base-facts.ts';
import { addBaseRun, baseFacts } from '../measure/baseline.ts';
import { makeCandidateRunnable, makeRunnable } from '../trees/runnable.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';
import {
  heldOutTests,
  runSuite,
  toTestRun,
  visibleTests,
  type BaseReport,
  type Suite,
  type SuiteRun,
} from './suite.ts';

/**
 * Runs the visible tests on the candidate, then the guard's; as many must run as on the base.
 * After a failure they run again.
 * @param isPassed the visible ones have run on this very tree and passed
 */
export async function testCandidate(context: StepContext, input: TestInput, isPassed = false): Promise<TestAnswer> {
  const { loop } = context;
  const mounted = await mountCandidate(context, input);
  if ('problem' in mounted) return { kind: 'failed', reason: 'tests-failed', detail: mounted.problem };
  const { tree } = mounted;
  const visible = isPassed ? null : await judgeSuite(context, visibleTests(loop), tree);
  const guard = heldOutTests(loop);
  const failure = visible ?? (guard && (await judgeSuite(context, guard, tree)));
  if (!failure) return { kind: 'passed' };
  const { detail, ...facts } = failure;
  const { testFailure } = iterationPaths(loopPaths(loop.directory).iteration(input.iteration));
  await writeAtomically(testFailure(input.tree), JSON.stringify(facts));
  // No word on how: the detail reaches the prompt, the ledger and the history.
  return visible
    ? { kind: 'failed', reason: 'tests-failed', detail }
    : { kind: 'failed', reason: 'guard-failed', detail: 'guard: the held-out tests failed' };
}

/**
 * Runs all tests once more, without BENCH_SEED, as a person does; with it where that says nothing.
 * Flaky tests had one chance; another run halves what slips through.
 */
export async function testAgain(context: StepContext, input: TestInput): Promise<TestAnswer> {
  const mounted = await mountCandidate(context, input);
  if ('problem' in mounted) return { kind: 'failed', reason: 'tests-failed', detail: mounted.problem };
  for (const suite of [visibleTests(context.loop), heldOutTests(context.loop)]) {
    const problem = suite && (await failureUnseeded(context, { ...suite, benchSeed: null }, mounted.tree));
    if (problem === 'unknown') return testCandidate(context, input);
    if (problem === null) continue;
    const { field } = suite!;
    const fact = `${field}: without BENCH_SEED, as a person runs them, the tests fail, and the base's do not`;
    return field === 'guard'
      ? { kind: 'failed', reason: 'guard-failed', detail: 'guard: the held-out tests failed' }
      : { kind: 'failed', reason: 'tests-failed', detail: told(context.loop, `${fact}\n${problem}`) };
  }
  return { kind: 'passed' };
}

/**
 * Returns null where the first run passes; else how the candidate fails where the base's tests pass, or that nobody
 * knows. One that fails at times is refused only where the base never does.
 */
async function failureUnseeded(context: StepContext, suite: Suite, tree: MountedTree): Promise<string | null> {
  const { base } = ofSuite(await baseFacts(context), suite.field);
  const expected = await expectedOf(context, suite);
  const first = await runSuite(context, suite, tree, expected);
  if (first.problem === null) return null;
  if (isExcused(toTestRun(first), base)) return 'unknown';
  const second = await runSuite(context, suite, tree, expected);
  if (isExcused(toTestRun(second), base)) return 'unknown';
  const isSteady = second.problem !== null;
  const baseTree = await baseMounted(context);
  for (let run = 0; run < maxTestRuns; run++) {
    const isPassed = (await runSuite(context, suite, baseTree, expected)).problem === null;
    if (isSteady && isPassed) return first.problem;
    if (!isSteady && !isPassed) return 'unknown';
  }
  return isSteady ? 'unknown' : first.problem;
}

/** Runs the visible tests once; returns why they failed, or null. */
export async function testOnce(context: StepContext, input: TestInput): Promise<string | null> {
  const { loop } = context;
  const mounted = await mountCandidate(context, input);
  if ('problem' in mounted) return mounted.problem;
  const suite = visibleTests(loop);
  context.say('tests');
  const { problem } = await runSuite(context, suite, mounted.tree, await expectedOf(context, suite));
  return problem && told(loop, problem);
}

async function mountCandidate(
  context: StepContext,
  { tree }: TestInput,
): Promise<{ tree: MountedTree } | { problem: string }> {
  const { loop } = context;
  const base = await baseFacts(context);
  const made = await makeCandidateRunnable(context, tree);
  if (!made.ok) return { problem: told(loop, made.detail) };
  return { tree: { ...made.runnable, workspace: base.workspace } };
}

/** Runs a suite until there is a judgement; null where the candidate passes. */
async function judgeSuite(
  context: StepContext,
  suite: Suite,
  tree: MountedTree,
): Promise<(TestFailure & { detail: string }) | null> {
  const runs: SuiteRun[] = [];
  let again = 0;
  for (;;) {
    // Read each time: a run of the base is added to its facts.
    const judged = await judge(context, suite, runs, again);
    if (judged.kind === 'passed') return suite.field === 'test' ? slowTests(context, tree, runs) : null;
    if (judged.kind === 'failed') {
      const failures = runs.filter(({ problem }) => problem !== null);
      const problem = failures[0]!.problem!;
      const names = [...new Set(failures.flatMap(({ failed }) => failed ?? []))];
      const detail = judged.why ? `${suite.field}: ${judged.why}\n${problem}` : problem;
      const { isUnstable } = judged;
      if (!context.loop.grants.guard) return { names, isUnstable, detail };
      const known = await knownTests(context);
      return {
        names: names.map((name) => (known.has(name) ? name : 'a test of another name')),
        isUnstable,
        detail: told(context.loop, problem) + failedOfBase(names, known),
      };
    }
    const nth = judged.on === 'base' ? ++again : runs.length + 1;
    context.say(
      `${suite.field === 'test' ? 'tests' : 'guard'} on the ${judged.on}, run ${nth} of at most ${maxTestRuns}`,
    );
    if (judged.on === 'candidate') runs.push(await runSuite(context, suite, tree, await expectedOf(context, suite)));
    else await runBaseAgain(context, suite);
  }
}

/** Refuses tests that take much longer than the base's; both run once more first, since the machine may be busy. */
async function slowTests(
  context: StepContext,
  tree: MountedTree,
  runs: readonly SuiteRun[],
): Promise<(TestFailure & { detail: string }) | null> {
  const suite = visibleTests(context.loop);
  const { testMs } = await baseFacts(context);
  const passed = runs.filter(({ problem }) => problem === null);
  // Where failures of flaky tests are ignored, none may have passed.
  let shortest = Math.min(...(passed.length > 0 ? passed : runs).map(({ wallMs }) => wallMs));
  if (shortest <= longestTests(testMs)) return null;
  const base = Math.max(testMs, (await runBaseAgain(context, suite)).wallMs);
  shortest = Math.min(shortest, (await runSuite(context, suite, tree, await expectedOf(context, suite))).wallMs);
  if (shortest <= longestTests(base)) return null;
  const [taken, known, most] = [shortest, base, longestTests(base)].map((ms) => `${(ms / 1000).toFixed(1)} s`);
  const detail = `test: the tests take ${taken}, on the base ${known}; at most ${most} is let through`;
  return { names: [], isUnstable: true, detail };
}

async function judge(
  context: StepContext,
  { field }: Suite,
  runs: readonly SuiteRun[],
  again: number,
): Promise<TestJudgement> {
  const { base, count } = ofSuite(await baseFacts(context), field);
  const isIgnored = (run: SuiteRun) =>
    context.loop.plan.config.flaky === 'ignore' &&
    run.isOrderly &&
    (run.count?.reports ?? 0) <= (count?.reports ?? 0) &&
    isAllButFlaky(toTestRun(run), base);
  const candidate = runs.map((run) => toTestRun(run, run.problem === null || isIgnored(run)));
  return judgeTests(candidate, { base, again, expected: count && count.passed });
}

/** Names that the base's own runs have told. */
async function knownTests(context: StepContext): Promise<ReadonlySet<string>> {
  const { testRuns, testNames } = await baseFacts(context);
  return new Set([...testRuns.flaky, ...(testNames ?? []).map(([name]) => name)]);
}

async function expectedOf(context: StepContext, { field }: Suite): Promise<BaseReport> {
  return ofSuite(await baseFacts(context), field);
}

/** A suite's facts on the base. */
export function ofSuite(facts: BaseFacts, field: Suite['field']) {
  return field === 'test'
    ? { base: facts.testRuns, count: facts.tests, ending: facts.ending, names: facts.testNames }
    : { base: facts.guardRuns, count: facts.guardTests, ending: facts.guardEnding, names: facts.guardNames };
}

async function runBaseAgain(context: StepContext, suite: Suite): Promise<SuiteRun> {
  const run = await runSuite(context, suite, await baseMounted(context), await expectedOf(context, suite));
  await addBaseRun(context, suite.field, { run: toTestRun(run), names: run.names });
  return run;
}

async function baseMounted(context: StepContext): Promise<MountedTree> {
  const made = await makeRunnable(context, context.loop.plan.baseSha);
  if (!made.ok) throw new Error(`base: ${made.detail}`);
  const { workspace } = await baseFacts(context);
  return { ...made.runnable, workspace };
}
