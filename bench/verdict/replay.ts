/**
 * Replays the product's verdict on recorded noise: what it commits and what it costs, beside simpler rules, on every trace.
 * Exits with 1 if a goal is missed. Takes a few minutes on one core. Usage: npx tsx bench/verdict/replay.ts [decisions per trace and effect, 20000]
 */
import { applyRule, createCoin, defaultPolicy, maxPairs, type Pair } from '../../domain/verdict/decision.ts';
import { checkGoals } from './goals.ts';
import { commits, simpleRules } from './simple-rules.ts';
import { spreadOf, type Spread } from './spread.ts';
import { printRule, printSimpleRules } from './table.ts';
import { readTraces, type Trace } from './trace-file.ts';

/** True gains by which the candidate's times are scaled: 0.1 is 10 % less time, -0.2 is 20 % more, 0 is identical code. */
const gains = [0, 0.03, 0.05, 0.1, 0.2, 0.5, -0.2] as const;
export type Gain = (typeof gains)[number];

/** Results of the rules for one gain on one trace. */
export interface Tally {
  decisions: number;
  accepted: number;
  /** Mean runs per decision, two per pair. */
  runs: number;
  /** Commits by each of the simple rules, on the same pairs. */
  simple: number[];
}

export interface Replayed {
  trace: string;
  spread: Spread;
  tallies: Record<Gain, Tally>;
}

const decisions = Number(process.argv[2] ?? 20_000);
const replayed = readTraces().map(replay);
printRule(replayed);
printSimpleRules(replayed);
if (!checkGoals(replayed)) process.exitCode = 1;

function replay(trace: Trace, index: number): Replayed {
  const tallies = Object.fromEntries(gains.map((gain) => [gain, tally(trace, index, gain)])) as Record<Gain, Tally>;
  return { trace: trace.name, spread: spreadOf(trace.times), tallies };
}

function tally(trace: Trace, index: number, gain: Gain): Tally {
  // The same windows and coins for every gain; not the same for every trace.
  const draw = createCoin(index + 1);
  const simple = simpleRules.map(() => 0);
  let [accepted, pairsUsed] = [0, 0];
  for (let decision = 0; decision < decisions; decision++) {
    const pairs = drawPairs(trace.times, draw, 1 - gain);
    const stop = applyRule(pairs, defaultPolicy);
    pairsUsed += stop.pairs;
    if (stop.verdict === 'accepted') accepted += 1;
    simpleRules.forEach((rule, at) => (simple[at]! += Number(commits(rule, pairs))));
  }
  return { decisions, accepted, runs: (2 * pairsUsed) / decisions, simple };
}

/** As many pairs as a decision can take, from consecutive runs, so that drift and bursts stay; the coin says which of two runs is the champion's. */
function drawPairs(times: readonly number[], draw: () => number, ratio: number): Pair[] {
  const start = Math.floor(draw() * (times.length - 2 * maxPairs + 1));
  const coin = createCoin(Math.floor(draw() * 2 ** 32));
  return Array.from({ length: maxPairs }, (_, pair) => {
    const [first, second] = [times[start + 2 * pair]!, times[start + 2 * pair + 1]!];
    return coin() < 0.5 ? [first, second * ratio] : [second, first * ratio];
  });
}
