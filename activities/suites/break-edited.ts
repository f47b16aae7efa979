import type { BrokenFacts, ChallengeObjection } from '../../domain/ledger/challenge.ts';
import { maxAlone, modeOf, type Way } from '../../domain/protection/breaks/arming.ts';
import { judgeBroken, type BrokenRun, type Notice } from '../../domain/protection/breaks/judge.ts';
import type { ChallengeInput } from '../../domain/steps.ts';
import { line } from '../../domain/text.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';
import type { StepContext } from '../loop/context.ts';
import { digest } from '../loop/open-loop.ts';
import { baseFacts } from '../measure/baseline.ts';
import { readAlterable, type AlteredSide } from '../trees/altered-tree.ts';
import { onArmedTrees, passesUnarmed, runArmed, type Trial } from './armed-runs.ts';
import { ofSuite } from './judge-suite.ts';
import { heldOutTests, visibleTests, type Suite } from './suite.ts';

interface Breaking {
  objection: ChallengeObjection | null;
  facts: BrokenFacts;
}

/** Tests that take longer, in ms, are not run over one function at a time. */
const maxAloneMs = 20_000;

/**
 * Breaks what a candidate edited, in trees of their own, and runs its tests over it. They must fail as the base's do:
 * where an edited function throws, gives a wrong value or takes other arguments, and where each test ends by a failing
 * assertion.
 */
export async function challengeTests(context: StepContext, { tree }: ChallengeInput): Promise<Breaking> {
  const { loop } = context;
  const alterable = await readAlterable(loop, tree);
  return onArmedTrees(context, alterable, async (trial) => {
    const guard = heldOutTests(loop);
    const objection =
      (await challengeSuite(trial, visibleTests(loop))) ?? (guard && (await challengeSuite(trial, guard)));
    return { objection, facts: trial.facts };
  });
}

/** Returns why a suite proves nothing of the candidate; null where it may. */
async function challengeSuite(trial: Trial, suite: Suite): Promise<ChallengeObjection | null> {
  const found = await findBlindness(trial, suite);
  if (found === null) return null;
  // Held-out tests tell no more than that.
  const detail =
    suite.field === 'guard' ? 'guard: the held-out tests cannot fail any more' : `test: the tests pass ${found}`;
  return { reason: 'tests-blind', detail };
}

async function findBlindness(trial: Trial, suite: Suite): Promise<string | null> {
  const { functions, isComparable, armed } = trial.alterable;
  if (suite.field === 'test' && armed.candidate.files.length === 0) {
    trial.facts.leftOut.push('test: nothing can be altered');
    return null;
  }
  const unarmed = await passesUnarmed(trial, suite, 'candidate');
  if (unarmed === false && (await passesUnarmed(trial, suite, 'base')))
    return 'only while the sources are as they were written, unlike the base';
  if (!unarmed) {
    trial.facts.leftOut.push(`${suite.field}: altered sources do not ${unarmed === null ? 'build' : 'pass'}`);
    return null;
  }
  if ((await judgeWay(trial, suite, 'asserts')) === 'blind')
    return 'with an assertion that fails at the end of each; on the base they fail';
  const together = functions.length > 0 && isComparable ? await breakTogether(trial, suite) : null;
  if (together === 'not covered') return null;
  const isDone = suite.field === 'guard' || (functions.length === 1 && isComparable);
  return together ?? (isDone ? null : breakEachAlone(trial, suite));
}

const broken = { throws: 'made to throw', wrong: 'made to give a wrong value', misled: 'given other arguments' };

/** Breaks all edited functions at once: both sides reach the break alike, whoever calls whom within the edit. */
async function breakTogether(trial: Trial, suite: Suite): Promise<string | null> {
  const { functions } = trial.alterable;
  const names = functions.map(({ name }) => name);
  for (const way of ['throws', 'wrong', 'misled'] as const) {
    if (way !== 'throws' && !functions.every(({ canBeWrong }) => canBeWrong)) continue;
    const notice = await judgeWay(trial, suite, way);
    if (notice === 'blind') return line`with ${names.join(', ')} ${broken[way]}; on the base they fail`;
    if (notice !== 'not covered' || way === 'misled') continue;
    if (way === 'throws' || names.length === 1) noteUncovered(trial, suite, names, way);
    if (way === 'throws') return 'not covered';
  }
  return null;
}

/** Breaks the first few functions one at a time, by a wrong value only where a throw is noticed. */
async function breakEachAlone(trial: Trial, suite: Suite): Promise<string | null> {
  const { functions } = trial.alterable;
  const { testMs } = await baseFacts(trial.context);
  const few = testMs > maxAloneMs ? [] : functions.slice(0, maxAlone);
  trial.facts.leftOut.push(...functions.slice(few.length).map(({ name }) => line`${name} alone`));
  for (const [index, { name, isApart, canBeWrong }] of few.entries())
    for (const way of ['throws', 'wrong'] as const) {
      if (way === 'wrong' && !canBeWrong) continue;
      const notice = await judgeWay(trial, suite, way, { index, isCompared: isApart });
      if (notice === 'blind') return line`with ${name} ${broken[way]}; on the base they fail`;
      if (notice !== 'not covered') continue;
      noteUncovered(trial, suite, [name], way);
      break;
    }
  return null;
}

function noteUncovered({ facts }: Trial, { field }: Suite, names: string[], way: 'throws' | 'wrong'): void {
  if (field === 'test')
    facts.notCovered.push(...names.map((name) => (way === 'throws' ? name : line`${name} (its result)`)));
}

interface Alone {
  /** Place of the one function that is broken; else all are. */
  index?: number;
  /** False where the base may reach it otherwise: the candidate's run says all. */
  isCompared?: boolean;
}

/** Runs a suite over one break, on the base and on the candidate, until there is a judgement. */
async function judgeWay(
  trial: Trial,
  suite: Suite,
  way: Way,
  { index, isCompared = true }: Alone = {},
): Promise<Notice> {
  const { context } = trial;
  const run = async (side: AlteredSide): Promise<BrokenRun> => {
    const result = await runArmed(trial, suite, side, modeOf(way, index));
    // A base that cannot be altered says nothing against a candidate.
    return { passed: result === null || result.problem === null, count: result?.count?.passed ?? null };
  };
  if (!isCompared) return (await run('candidate')).passed ? 'not covered' : 'noticed';
  const { flaky, isUnnamed } = ofSuite(await baseFacts(context), suite.field).base;
  const kept = loopPaths(context.loop.directory).baseBroken(keyOf(trial, suite, { way, index }));
  const base = (await readJson<BrokenRun[]>(kept)) ?? [];
  const candidate: BrokenRun[] = [];
  for (;;) {
    const notice = judgeBroken(base, candidate, isUnnamed ? Infinity : flaky.length);
    if (notice === 'blind') return (await passesUnarmed(trial, suite, 'base')) ? 'blind' : 'not covered';
    if (notice !== 'again') return notice;
    if (base.length > candidate.length) candidate.push(await run('candidate'));
    else {
      base.push(await run('base'));
      await writeAtomically(kept, JSON.stringify(base));
    }
  }
}

/** The base's runs over one break serve every candidate that edits the same functions. */
function keyOf(
  { alterable: { functions }, context: { loop } }: Trial,
  { field, command }: Suite,
  { way, index }: { way: Way; index: number | undefined },
): string {
  const edited = functions.map(({ path, name }) => `${path} ${name}`);
  const what = way === 'asserts' ? null : index === undefined ? edited.sort() : edited[index];
  return digest(loop.plan.baseSha, field, command, way, what);
}
