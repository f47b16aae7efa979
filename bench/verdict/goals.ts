/** The goals of the verdict, each a line PASS or FAIL with the worst trace. */
import type { Replayed, Tally } from './replay.ts';

/** On clocks with at most this pair spread the verdict must be powerful and cheap, not only safe. */
const quietSpread = 0.08;

interface Goal {
  text: string;
  quietOnly: boolean;
  value: (tallies: Replayed['tallies']) => number;
  atMost?: number;
  atLeast?: number;
}

const goals: Goal[] = [
  { text: 'identical code committed, per 1,000', quietOnly: false, value: (of) => 1000 * share(of[0]), atMost: 1 },
  { text: 'true gains of 10 % accepted, %', quietOnly: true, value: (of) => 100 * share(of[0.1]), atLeast: 98 },
  { text: 'true gains of 20 % accepted, %', quietOnly: true, value: (of) => 100 * share(of[0.2]), atLeast: 100 },
  { text: 'runs per no-op', quietOnly: true, value: (of) => of[0].runs, atMost: 13.5 },
  { text: 'runs per 20 % worse', quietOnly: true, value: (of) => of[-0.2].runs, atMost: 6.5 },
  { text: 'runs per 10 % better', quietOnly: true, value: (of) => of[0.1].runs, atMost: 36 },
];

/** Prints each goal, and where the clocks fall short that are quiet only at times; whether all goals are met. Two quiet clocks are the least to tell. */
export function checkGoals(replayed: readonly Replayed[]): boolean {
  const calm = replayed.filter(({ spread }) => spread.whole <= quietSpread);
  const quiet = calm.filter(isSteady);
  const enough = report(
    quiet.length >= 2,
    `quiet and steady clocks: ${quiet.length} of ${replayed.length} traces, at least 2 needed`,
  );
  const met = goals.map((goal) => check(goal, goal.quietOnly ? quiet : replayed));
  const passing = calm.filter(({ tallies }) => goals.every((goal) => isMet(goal, tallies)));
  console.log(
    `NOTE by the spread alone, steady or not: ${passing.length} of ${calm.length} clocks meet every goal; the others follow`,
  );
  for (const unsteady of calm.filter((one) => !isSteady(one))) note(unsteady);
  return enough && met.every(Boolean);
}

/** Quiet in every stretch, and without jumps: a deviation above twice the limit is not the noise that a median deviation describes. */
function isSteady({ spread }: Replayed): boolean {
  return spread.worstStretch <= quietSpread && spread.deviation <= 2 * quietSpread;
}

function check(goal: Goal, replayed: readonly Replayed[]): boolean {
  const sign = goal.atMost === undefined ? -1 : 1;
  const sorted = [...replayed].sort((a, b) => sign * (goal.value(b.tallies) - goal.value(a.tallies)));
  const worst = sorted[0];
  if (!worst) return report(false, `${goal.text}: no trace to measure on; record some with record.ts`);
  const missed = sorted.filter(({ tallies }) => !isMet(goal, tallies)).map(({ trace }) => trace);
  const bound = goal.atMost === undefined ? `at least ${goal.atLeast ?? 0}` : `at most ${goal.atMost}`;
  const where = goal.quietOnly ? `the ${sorted.length} quiet and steady clocks` : `all ${sorted.length} traces`;
  const rest = missed.length > 1 ? `; missed on ${missed.length}: ${missed.join(', ')}` : '';
  return report(
    missed.length === 0,
    `${goal.text}: ${bound} on ${where}; worst ${shown(goal, worst)} (${worst.trace})${rest}`,
  );
}

function isMet({ value, atMost = Infinity, atLeast = -Infinity }: Goal, tallies: Replayed['tallies']): boolean {
  return value(tallies) <= atMost && value(tallies) >= atLeast;
}

function report(met: boolean, line: string): boolean {
  console.log(`${met ? 'PASS' : 'FAIL'} ${line}`);
  return met;
}

/** A clock whose spread over the whole trace is small and which is not steady: held to safety only, with every goal named that it misses. */
function note(replayed: Replayed): void {
  const { trace, spread, tallies } = replayed;
  const missed = goals.filter((goal) => !isMet(goal, tallies)).map((goal) => `${goal.text} ${shown(goal, replayed)}`);
  const kind = `spread ${spread.whole.toFixed(3)}, worst stretch ${spread.worstStretch.toFixed(3)}, deviation ${spread.deviation.toFixed(3)}`;
  console.log(
    `NOTE ${trace}: quiet but not steady (${kind}); ${missed.length === 0 ? 'meets every goal' : `misses ${missed.join(', ')}`}`,
  );
}

function shown({ value }: Goal, { tallies }: Replayed): string {
  return String(Number(value(tallies).toFixed(3)));
}

function share({ accepted, decisions }: Tally): number {
  return accepted / decisions;
}
