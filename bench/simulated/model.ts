/** A simulated model: answers drawn from a pool of ideas, some of which come again and again, as with real ones. */

/** Shares of a model's answers to one kind of question. */
export interface Rates {
  applies: number;
  /** Tests pass: of all answers. */
  passes: number;
  /** Faster by 5 % or more: of all answers. */
  gains: number;
}

export interface Distribution {
  name: string;
  /** Kinds of question, asked by turns. */
  kinds: readonly Rates[];
  /** Ratios of the improvements that can be had, each once. */
  improvements: readonly number[];
}

/**
 * The first one has the rates of 44 answers of Qwen2.5-Coder-1.5B (24 "much faster", 20 "one small, safe change"); the others were
 * made up, and fixed before anything was run.
 */
export const distributions: readonly Distribution[] = [
  {
    name: '1.5B as asked',
    kinds: [
      { applies: 23 / 24, passes: 4 / 24, gains: 2 / 24 },
      { applies: 1, passes: 15 / 20, gains: 1 / 20 },
    ],
    improvements: [1 / 6, 1 / 1.3, 1 / 1.15, 1 / 1.08],
  },
  {
    name: 'larger model',
    kinds: [
      { applies: 0.97, passes: 0.45, gains: 0.12 },
      { applies: 0.99, passes: 0.8, gains: 0.08 },
    ],
    improvements: [1 / 2, 1 / 1.5, 1 / 1.3, 1 / 1.2, 1 / 1.1, 1 / 1.07],
  },
  {
    name: 'many small steps',
    kinds: [
      { applies: 0.95, passes: 0.7, gains: 0.2 },
      { applies: 0.95, passes: 0.5, gains: 0.02 },
    ],
    improvements: [0.85, 0.86, 0.87, 0.88, 0.89, 0.9, 0.91, 0.92, 0.93, 0.94],
  },
];

export type Idea = { id: number } & (
  | { kind: 'refused' }
  | { kind: 'wrong' }
  /** The champion's program in other words. */
  | { kind: 'same' }
  /** Passes its tests; `ratio` of its time to the champion's. */
  | { kind: 'harmless'; ratio: number }
  | { kind: 'gain'; improvement: number }
);

const poolSize = 60;

/** Makes the ideas of one target. Those of low number are the most popular: the n-th comes 1/n times as often as the first. */
export function makeModel({ kinds, improvements }: Distribution, coin: () => number): (kind: number) => Idea {
  let id = 0;
  const pools = kinds.map((rates) =>
    Array.from({ length: poolSize }, () => makeIdea(rates, improvements.length, id++, coin)),
  );
  // A gain that nobody ever thinks of cannot be attained.
  improvements.forEach((_, improvement) => {
    if (pools.flat().some((idea) => idea.kind === 'gain' && idea.improvement === improvement)) return;
    const pool = pools[0]!;
    pool[Math.floor(coin() * poolSize)] = { id: id++, kind: 'gain', improvement };
  });
  const weights = Array.from({ length: poolSize }, (_, at) => 1 / (at + 1));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return (kind) => {
    let left = coin() * all;
    const at = weights.findIndex((weight) => (left -= weight) <= 0);
    return pools[kind]![Math.max(0, at)]!;
  };
}

function makeIdea({ applies, passes, gains }: Rates, count: number, id: number, coin: () => number): Idea {
  const drawn = coin();
  if (drawn < gains) return { id, kind: 'gain', improvement: Math.floor(coin() * count) };
  // Half of what changes nothing is the same program; half of the rest is up to 30 % slower.
  if (drawn < passes) {
    const which = coin();
    return which < 0.5 ? { id, kind: 'same' } : { id, kind: 'harmless', ratio: which < 0.75 ? 1 : 1 + 0.3 * coin() };
  }
  return { id, kind: drawn < applies ? 'wrong' : 'refused' };
}
