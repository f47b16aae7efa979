/**
 * Passing of side metrics by the product's own rule (`judgeSide`), simulated by noise: unchanged, exactly at the bound,
 * and twice as much worse. Prints a table and each goal as PASS or FAIL; exits with 1 if a goal is missed.
 * Takes a few minutes on one core. Usage: npx tsx bench/verdict/side.ts [decisions per cell, 20000]
 */
import { createCoin, type Pair } from '../../domain/verdict/decision.ts';
import { judgeSide, maxSidePairs, type SidePolicy, type SideVerdict } from '../../domain/verdict/side-metric.ts';
import { printTable } from './table.ts';

type Random = () => number;

interface Cell {
  spread: number;
  /** Shares of the decisions, and those that are proved within after at most 60 pairs. */
  within: number;
  early: number;
  worse: number;
  unknown: number;
  pairs: number;
}

const policy: SidePolicy = { better: 'lower', noise: 'measured', worstAllowed: 0.05 };
const decisions = Number(process.argv[2] ?? 20_000);
const spreads = [0.02, 0.05, 0.1, 0.2];
const ratios = { unchanged: 1, 'at the bound': 1.05, 'twice the bound': 1.1 };

/** Symmetric noise of a standard deviation of 1: a coin orders each pair. The last one grows after each pair that is good. */
const noises: Record<string, (random: Random, before: number) => number> = {
  normal: gauss,
  'heavy tails (t, 3 degrees)': (random) => gauss(random) / Math.hypot(gauss(random), gauss(random), gauss(random)),
  Laplace: (random) => Math.log((1 - random()) / (1 - random())) / Math.SQRT2,
  'bursts (5 % of pairs)': (random) => gauss(random) * (random() < 0.05 ? 4 : 0.5) * 0.98,
  'bursts after a good pair': (random, before) => gauss(random) * (before < 0 ? 1.4 : 0.2),
};

let missed = 0;
const rows: string[][] = [];
for (const [noise, draw] of Object.entries(noises))
  for (const [change, ratio] of Object.entries(ratios)) {
    const cells = spreads.map((spread, index) => simulate(draw, { ratio, spread, seed: rows.length * 10 + index + 1 }));
    rows.push([noise, change, ...cells.map(shown)]);
    check(noise, change, cells);
  }
const head = spreads.map((spread) => `noise ${100 * spread} %`);
console.log(
  `\n${decisions} decisions each; bound 5 %; within (after at most 60 pairs) / worse / unknown, %; mean pairs`,
);
printTable(['noise', 'metric', ...head], rows);
process.exitCode = missed > 0 ? 1 : 0;

function simulate(
  draw: (typeof noises)[string],
  { ratio, spread, seed }: { ratio: number; spread: number; seed: number },
): Cell {
  const random = createCoin(seed);
  const cell = { spread, within: 0, early: 0, worse: 0, unknown: 0, pairs: 0 };
  for (let decision = 0; decision < decisions; decision++) {
    let before = 0;
    const pairs = Array.from({ length: maxSidePairs }, (): Pair => {
      before = draw(random, before);
      return [1, ratio * Math.exp(spread * before)];
    });
    const judged = judgeSide(pairs, policy);
    cell[judged.verdict as Exclude<SideVerdict['verdict'], 'continue'>] += 1 / decisions;
    if (judged.verdict === 'within' && judged.pairs <= 60) cell.early += 1 / decisions;
    cell.pairs += judged.pairs / decisions;
  }
  return cell;
}

/** Goals: the guarantee at each noise, power at normal noise. */
function check(noise: string, change: string, cells: readonly Cell[]): void {
  const goal = (text: string, isMet: boolean, value: number) => {
    if (!isMet) missed += 1;
    console.log(`${isMet ? 'PASS' : 'FAIL'} ${noise}, ${change}: ${text}; ${percent(value)} %`);
  };
  const most = (key: 'within' | 'worse') => Math.max(...cells.map((cell) => cell[key]));
  const [quiet, middling, noisy, loud] = cells as [Cell, Cell, Cell, Cell];
  if (change !== 'unchanged') goal('within in at most 5 % at any noise', most('within') <= 0.05, most('within'));
  if (change !== 'twice the bound') goal('worse in at most 5 % at any noise', most('worse') <= 0.05, most('worse'));
  if (noise !== 'normal' || change === 'at the bound') return;
  if (change === 'twice the bound') {
    for (const cell of [quiet, middling])
      goal(`worse in at least 95 % at ${100 * cell.spread} %`, cell.worse >= 0.95, cell.worse);
    return;
  }
  for (const cell of [quiet, middling, noisy])
    goal(`within in at least 95 % at ${100 * cell.spread} %`, cell.within >= 0.95, cell.within);
  goal('within after at most 60 pairs in at least 85 % at 10 %', noisy.early >= 0.85, noisy.early);
  goal('unknown in more than half at 20 %', loud.unknown > 0.5, loud.unknown);
}

function gauss(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function shown({ within, early, worse, unknown, pairs }: Cell): string {
  return `${percent(within)} (${percent(early)}) / ${percent(worse)} / ${percent(unknown)}; ${pairs.toFixed(1)}`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
