import { stages, type Judged } from './judge.ts';

/** One answer, as it was asked for and judged. */
export interface Answered extends Judged {
  variant: string;
  target: string;
  seed: number;
  readTokens: number;
  writtenTokens: number;
  isRead: boolean;
  text: string;
}

/** Tokens a second of the 1.5B on two quiet cores, so that a machine that others load tells the same. */
const speed = { read: 60, write: 27 };

/** One row for each variant: shares with 95 % intervals, and answers that are right and faster for a minute of model. */
export function table(answers: readonly Answered[]): string {
  const names = [...new Set(answers.map(({ variant }) => variant))];
  const rows = names.map((name) =>
    rowOf(
      name,
      answers.filter(({ variant }) => variant === name),
    ),
  );
  return [
    '| question | n | read | applies | syntax | tests pass | same checksum | ≥ 5 % faster | tokens read + written | per minute |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function rowOf(name: string, answers: readonly Answered[]): string {
  const n = answers.length;
  const reached = (stage: Judged['stage']) =>
    answers.filter((one) => one.isRead && stages.indexOf(one.stage) >= stages.indexOf(stage)).length;
  const share = (k: number) => {
    const [low, high] = wilson(k, n);
    return `${k} (${percent(low)}-${percent(high)})`;
  };
  const read = answers.filter(({ isRead }) => isRead).length;
  const mean = (pick: (one: Answered) => number) => answers.reduce((sum, one) => sum + pick(one), 0) / n;
  const [prompt, written] = [mean((one) => one.readTokens), mean((one) => one.writtenTokens)];
  const minutes = (prompt / speed.read + written / speed.write) / 60;
  const [low, high] = wilson(reached('faster'), n).map((bound) => bound / minutes);
  const perMinute = `${(reached('faster') / n / minutes).toFixed(2)} (${low!.toFixed(2)}-${high!.toFixed(2)})`;
  const counts = [read, reached('applied'), reached('syntax'), reached('tests'), reached('same'), reached('faster')];
  const tokens = `${prompt.toFixed(0)} + ${written.toFixed(0)}`;
  return `| ${[name, n, ...counts.map(share), tokens, perMinute].join(' | ')} |`;
}

/** Wilson's score interval at 95 % (Wilson 1927). */
export function wilson(k: number, n: number): [low: number, high: number] {
  const z = 1.96;
  const [share, spread] = [k / n, (z * z) / n];
  const middle = share + spread / 2;
  const half = z * Math.sqrt((share * (1 - share)) / n + spread / (4 * n));
  return [(middle - half) / (1 + spread), (middle + half) / (1 + spread)];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
