import type { IterationRecord } from '../ledger/record.ts';
import type { Hotspot } from '../steps.ts';
import { toLine, type CleanLine } from '../text.ts';
import { gain, type GainTerms } from '../verdict/gain.ts';

export interface PastIteration {
  iteration: number;
  title: string;
  outcome: string;
  /** The told gain in the sense of `Decision.estimate`: below 1 is better; null where nothing was measured. */
  ratio: number | null;
  /** Code that the question was about, as `targetName` writes it; null where that is not known. */
  target: string | null;
}

/** The part of a record that is remembered. */
export type Remembered = Pick<
  IterationRecord,
  'iteration' | 'outcome' | 'reason' | 'champion' | 'hypothesis' | 'verdict'
>;

export function pastIteration(record: Remembered): PastIteration {
  const { iteration, hypothesis, reason, outcome, verdict } = record;
  return {
    iteration,
    title: hypothesis?.title ?? '(no hypothesis)',
    outcome: reason ?? outcome,
    ratio: verdict ? Number(verdict.reported.ratio.toPrecision(6)) : null,
    target: hypothesis?.target ?? null,
  };
}

/** "src/lexer.js: Lexer.next", or the file alone: names code in records. */
export function targetName(code: { file: string; name: string | null }): CleanLine {
  return toLine(code.name === null ? code.file : `${code.file}: ${code.name}`, 300);
}

/**
 * Tells what was tried on some code since it was changed last, the newest first, in one line each.
 */
export function triedOn(target: string, history: readonly PastIteration[], terms: GainTerms): string[] {
  const own = history.filter((past) => past.target === target && !meaningless.has(past.outcome));
  const last = own.findLastIndex(({ outcome }) => outcome === 'committed');
  const told = new Map<string, { text: string; times: number }>();
  for (const { title, outcome, ratio } of own.slice(Math.max(0, last)).reverse()) {
    const text = `"${toLine(title, 120)}": ${outcomeText(outcome, ratio, terms)}`;
    const key = toLine(title).toLowerCase();
    told.set(key, { text: told.get(key)?.text ?? text, times: (told.get(key)?.times ?? 0) + 1 });
  }
  return [...told.values()].map(({ text, times }) => (times > 1 ? `${text} (${times} times)` : text));
}

const meaningless: ReadonlySet<string> = new Set(['infrastructure', 'cancelled', 'stale', 'champion-failed']);

function outcomeText(outcome: string, ratio: number | null, terms: GainTerms): string {
  const measured = ratio === null ? '' : gain(ratio, terms);
  if (outcome === 'committed') return `kept${measured && `, ${measured}`}`;
  const words = outcome.replaceAll('-', ' ');
  return measured ? `${words}, ${measured}` : words;
}

/** Lines that are told of those that were removed. */
const maxRemoved = 8;

/**
 * Finds lines that commits removed and that are not there now: loops tend to bring such back (EvoTrace, 2026).
 * @param log patches of the commits, the newest first, as `git log -p` writes them
 */
export function removedLines(log: string, file: string, content: string): string[] {
  const present = new Set(content.split('\n').map((line) => line.trim()));
  const removed = new Set<string>();
  let isOfFile = false;
  for (const line of log.split('\n')) {
    if (line.startsWith('diff --git ')) isOfFile = line.endsWith(` b/${file}`);
    const [, text = ''] = /^-(?!--)(.*)$/.exec(line) ?? [];
    const isTelling = /\w.*\w.*\w/.test(text) && text.trim().length >= 12 && text.length <= 160;
    if (isOfFile && isTelling && !present.has(text.trim())) removed.add(text.trim());
    if (removed.size === maxRemoved) break;
  }
  return [...removed];
}

/** Failures in a row on one place, after which the next may get its turn. */
const patience = 3;

/**
 * Orders hotspots, the hottest first. After three failures in a row on it, one is drawn by share.
 * @param random from 0 to 1
 */
export function orderByTurn<Spot extends Pick<Hotspot, 'share' | 'file'> & { name: string | null }>(
  hotspots: readonly Spot[],
  since: readonly Pick<PastIteration, 'target' | 'outcome'>[],
  random: number,
): Spot[] {
  const failures = (spot: Spot, at: number) =>
    since.filter(({ target }) => target === targetName(spot) || (target === null && at === 0)).length;
  const weighed = hotspots.map((spot, at) => {
    const weight = Math.max(spot.share ?? 1 / (at + 1), 0.001) * 2 ** -Math.floor(failures(spot, at) / patience);
    return { spot, weight };
  });
  const [first] = weighed;
  if (!first || failures(first.spot, 0) < patience) return [...hotspots];
  let left = random * weighed.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = weighed.find(({ weight }) => (left -= weight) < 0) ?? first;
  return [chosen.spot, ...hotspots.filter((spot) => spot !== chosen.spot)];
}
