import { choosePatience, chooseSamples, screeningPairs, type Costs } from '../../domain/config/effort.ts';
import {
  applyRule,
  createCoin,
  freshPairs,
  loopFalseCommitRate,
  maxPairs,
  type Pair,
} from '../../domain/verdict/decision.ts';
import type { Trace } from '../verdict/trace-file.ts';
import { makeModel, type Distribution, type Idea } from './model.ts';

/** Parts of the product that are switched on. */
export interface Parts {
  screening: boolean;
  patience: boolean;
  /** Answers that were tried on the champion are known, and run nothing. */
  memory: boolean;
  /** Chooses the kind of question by what the kinds gave, instead of taking turns. */
  bandit: boolean;
}

/** Seconds until 90 % of the gain that can be had. */
export interface Spent {
  model: number;
  /** Tests of candidates. */
  tests: number;
  benchmark: number;
  iterations: number;
  /** Set where the loop was ended before. */
  isCut: boolean;
}

/** Runs of the tests that doubt an accepted candidate. */
const challengeRuns = 5;
const maxIterations = 2_000;
const alpha = loopFalseCommitRate(0.001, 50);

/** Runs one loop by the product's own rules (samples, screening, patience, decision) on recorded noise. */
export function simulate(
  distribution: Distribution,
  costs: Costs,
  { trace, parts, seed }: { trace: Trace; parts: Parts; seed: number },
): Spent {
  const coin = createCoin(seed);
  const ask = makeModel(distribution, coin);
  const samples = parts.screening ? chooseSamples(costs) : 1;
  const policy = { minImprovement: 0.05, alpha, better: 'lower', noise: 'measured' } as const;
  const patience = parts.patience ? choosePatience(costs) : 0.05;
  const attainable = distribution.improvements.reduce((sum, ratio) => sum + Math.log(ratio), 0);
  const had = new Set<number>();
  const spent: Spent = { model: 0, tests: 0, benchmark: 0, iterations: 0, isCut: true };
  const arms = distribution.kinds.map(() => ({ good: 1, bad: 1 }));
  let [known, gained, turn] = [new Set<number>(), 0, 0];
  const ratioOf = (idea: Idea) =>
    idea.kind === 'gain' ? distribution.improvements[idea.improvement]! : idea.kind === 'harmless' ? idea.ratio : 1;
  const isSame = (idea: Idea) => idea.kind === 'same' || (idea.kind === 'gain' && had.has(idea.improvement));
  const pairsOf = (idea: Idea, count: number) => drawPairs(trace, { ratio: ratioOf(idea), count, coin });
  const passes = (idea: Idea) => {
    if (idea.kind === 'refused' || isSame(idea) || (parts.memory && known.has(idea.id))) return false;
    known.add(idea.id);
    spent.tests += costs.build + costs.tests;
    return idea.kind !== 'wrong';
  };
  /** As in the step: one alone has nothing to be compared with. */
  const compared = <T extends { idea: Idea; pairs: Pair[]; median: number }>(of: T[], count: number): T[] => {
    if (of.length < 2) return of;
    return of.map((one) => {
      spent.benchmark += 2 * (count - one.pairs.length) * costs.run;
      const pairs = [...one.pairs, ...pairsOf(one.idea, count - one.pairs.length)];
      return { ...one, pairs, median: medianOf(pairs) };
    });
  };
  while (spent.iterations < maxIterations) {
    spent.iterations++;
    const drawn = Array.from({ length: samples }, () => {
      const kind = parts.bandit ? thompson(arms, coin) : turn++ % arms.length;
      spent.model += costs.answer!;
      return { kind, idea: ask(kind) };
    });
    const distinct = drawn.filter(({ idea }, at) => drawn.findIndex((other) => other.idea.id === idea.id) === at);
    const passed = distinct.filter(({ idea }) => passes(idea));
    const first = compared(
      passed.map((one) => ({ ...one, pairs: [] as Pair[], median: 0 })),
      1,
    );
    const screened = compared(
      first.sort((a, b) => a.median - b.median).slice(0, Math.ceil(first.length / 2)),
      screeningPairs,
    );
    const [best] = screened.sort((a, b) => a.median - b.median);
    let isCommitted = false;
    if (best) {
      const { verdict, pairs } = applyRule(pairsOf(best.idea, maxPairs), { ...policy, patience });
      spent.benchmark += 2 * pairs * costs.run;
      if (verdict === 'accepted') {
        spent.benchmark += 2 * freshPairs * costs.run;
        spent.tests += challengeRuns * costs.tests;
        isCommitted = true;
      }
    }
    for (const { kind, idea } of drawn) arms[kind]![isCommitted && idea === best!.idea ? 'good' : 'bad']++;
    if (!isCommitted) continue;
    known = new Set();
    if (best!.idea.kind === 'gain') had.add(best!.idea.improvement);
    gained += Math.log(ratioOf(best!.idea));
    if (gained <= 0.9 * attainable) return { ...spent, isCut: false };
  }
  return spent;
}

function drawPairs(
  { times }: Trace,
  { ratio, count, coin }: { ratio: number; count: number; coin: () => number },
): Pair[] {
  const start = Math.floor(coin() * (times.length - 2 * count + 1));
  return Array.from({ length: count }, (_, pair) => {
    const [first, second] = [times[start + 2 * pair]!, times[start + 2 * pair + 1]!];
    return coin() < 0.5 ? [first, second * ratio] : [second, first * ratio];
  });
}

function medianOf(pairs: readonly Pair[]): number {
  const ratios = pairs.map(([champion, candidate]) => candidate / champion).sort((a, b) => a - b);
  return ratios[Math.floor(ratios.length / 2)]!;
}

/** Thompson sampling with Beta(1, 1) priors (Thompson 1933; Chapelle and Li 2011): the kind whose drawn chance is the highest. */
function thompson(arms: readonly { good: number; bad: number }[], coin: () => number): number {
  const drawn = arms.map(({ good, bad }) => {
    const [a, b] = [gamma(good, coin), gamma(bad, coin)];
    return a / (a + b);
  });
  return drawn.indexOf(Math.max(...drawn));
}

/** A gamma variate of a whole shape. */
function gamma(shape: number, coin: () => number): number {
  let sum = 0;
  for (let part = 0; part < shape; part++) sum -= Math.log(1 - coin());
  return sum;
}
