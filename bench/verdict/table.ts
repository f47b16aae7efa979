/** The replay's results as Markdown tables. */
import type { Gain, Replayed, Tally } from './replay.ts';
import { simpleRules } from './simple-rules.ts';

const shownGains = [0.03, 0.05, 0.1, 0.2, 0.5, -0.2] as const;
const costedGains = [0, -0.2, 0.1, 0.2] as const;
const gainNames: Record<Gain, string> = {
  0: 'identical',
  0.03: '3 %',
  0.05: '5 %',
  0.1: '10 %',
  0.2: '20 %',
  0.5: '50 %',
  [-0.2]: '20 % worse',
};

/** The product's rule: accepted shares and runs. */
export function printRule(replayed: readonly Replayed[]): void {
  console.log(`The rule at alpha = 0.001; ${replayed[0]?.tallies[0].decisions ?? 0} decisions per trace and gain.`);
  const accepted = shownGains.map((gain) => `${gainNames[gain]} accepted, %`);
  const runs = costedGains.map((gain) => `runs, ${gainNames[gain]}`);
  printTable(
    ['trace', 'pair spread', 'worst stretch', 'deviation', 'false commits per 1,000', ...accepted, ...runs],
    replayed.map(({ trace, spread, tallies }) => [
      trace,
      ...[spread.whole, spread.worstStretch, spread.deviation].map((value) => value.toFixed(3)),
      perThousand(tallies[0], tallies[0].accepted),
      ...shownGains.map((gain) => percent(tallies[gain], tallies[gain].accepted)),
      ...costedGains.map((gain) => tallies[gain].runs.toFixed(1)),
    ]),
  );
}

/** The simple rules on the same pairs. */
export function printSimpleRules(replayed: readonly Replayed[]): void {
  console.log('Simple rules on the same pairs: false commits per 1,000; true gains of 5 / 10 / 20 % accepted, %.');
  printTable(
    ['trace', ...simpleRules.map(({ name, pairs }) => `${name} (${2 * pairs} runs)`)],
    replayed.map(({ trace, tallies }) => [trace, ...simpleRules.map((_, rule) => summary(tallies, rule))]),
  );
}

function summary(tallies: Replayed['tallies'], rule: number): string {
  const shares = ([0.05, 0.1, 0.2] as const).map((gain) => percent(tallies[gain], tallies[gain].simple[rule]!));
  return `${perThousand(tallies[0], tallies[0].simple[rule]!)}; ${shares.join(' / ')}`;
}

function percent({ decisions }: Tally, count: number): string {
  // Only what is really all or nothing is printed as such.
  const share = (100 * count) / decisions;
  return count === 0 || count === decisions
    ? share.toFixed(0)
    : Math.min(99.99, Math.max(0.01, share)).toFixed(share > 99 || share < 1 ? 2 : 1);
}

function perThousand({ decisions }: Tally, count: number): string {
  return ((1000 * count) / decisions).toFixed(2);
}

export function printTable(head: string[], rows: string[][]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  console.log([line(head), line(rule), ...rows.map(line), ''].join('\n'));
}
