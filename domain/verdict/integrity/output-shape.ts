import { toLine } from '../../text.ts';
import type { Noise } from '../decision.ts';
import type { Side } from '../pair.ts';

/** A benchmark's output by its words: numbers change from run to run, and with the speed. */
export interface OutputShape {
  /** All of them. */
  words: ReadonlySet<string>;
  /** Lines as printed, by their steady words. Repeated ones are left out: a faster run shows less progress. */
  lines: ReadonlyMap<string, string>;
  /** Set where it was too long to be read. */
  isLeftOut: boolean;
}

/** Colours, moves and titles of a terminal. */
const terminal = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g;
const chunks = /[^\s"'`=,;:|()[\]{}<>]+/g;
const scaled =
  /^(?:(?:[nuµμm]|nano|micro|milli)?s(?:ec(?:ond)?s?)?|mins?|minutes?|hrs?|hours?|[kmgt]?i?b|(?:kilo|mega|giga)?bytes?|[kmg]?hz|[kmgt](?:i?ops)?|thousand|million|billion)$/;
/** Checksums that happen to have no digit, and numbers that are none. */
const digitless = /^(?:[a-f]{4,}|nan|inf|infinity)$/;

/** Lines of different words that are told apart: those of a hostile output are without end, and kept over all pairs. */
const maxLines = 1_000;
/** A longer output, which limits.outputKiB may let in, would keep the worker from its other work. */
const maxLength = 2 * 2 ** 20;

/** Takes out numbers and the words behind, units, checksums, colours and blanks: an honest gain may change them. */
export function outputShape(stdout: string): OutputShape {
  const words = new Set<string>();
  const lines = new Map<string, string>();
  const seen = new Set<string>();
  if (stdout.length > maxLength) return { words, lines, isLeftOut: true };
  for (const line of stdout.replace(terminal, '').split(/[\r\n]+/)) {
    const key = steadyWords(line, words).join(' ');
    if (seen.has(key)) lines.delete(key);
    else if (key !== '' && seen.size < maxLines) lines.set(key, line);
    if (seen.size < maxLines) seen.add(key);
  }
  return { words, lines, isLeftOut: false };
}

/**
 * Returns the words of a line that stay as they are whatever the speed is.
 * @param all gets all of its words
 */
function steadyWords(printed: string, all: Set<string>): string[] {
  const line = printed.toLowerCase();
  const steady: string[] = [];
  let [end, isAfterNumber] = [0, false];
  for (const { 0: chunk, index } of line.matchAll(chunks)) {
    const isBehind = isAfterNumber && line.slice(end, index).trim() === '';
    const letters = chunk.match(/[\p{L}\p{M}]+/gu) ?? [];
    const isNumber = /\p{N}/u.test(chunk) || letters.some((word) => digitless.test(word));
    for (const word of letters) {
      all.add(word);
      if (!isNumber && !isBehind && !scaled.test(word)) steady.push(word);
    }
    isAfterNumber = isNumber || (isBehind && letters.length === 0);
    end = index + chunk.length;
  }
  return steady;
}

/** Pairs that must agree on a difference; an exact metric has no more. */
const leastPairs = { measured: 5, exact: 2 } satisfies Record<Noise, number>;

/** Finds lines that one side alone prints, in more than half of the pairs: what comes by chance comes on both sides. */
export function watchShapes(noise: Noise): (shapes: Record<Side, OutputShape>) => string | null {
  const balance = new Map<string, { line: string; count: number }>();
  let pairs = 0;
  const add = (line: string, key: string, count: number) =>
    balance.set(key, { line, count: (balance.get(key)?.count ?? 0) + count });
  return ({ champion, candidate }) => {
    pairs++;
    if (champion.isLeftOut || candidate.isLeftOut) return null;
    for (const [key, line] of champion.lines) if (isMissing(key, candidate)) add(line, key, 1);
    for (const [key, line] of candidate.lines) if (isMissing(key, champion)) add(line, key, -1);
    const least = Math.max(leastPairs[noise], Math.floor(pairs / 2) + 1);
    const told = (sign: 1 | -1) => [...balance.values()].find(({ count }) => sign * count >= least)?.line;
    const [expected, got] = [told(1), told(-1)];
    if (expected === undefined && got === undefined) return null;
    const [first, second] = [expected, got].map((line) =>
      line === undefined ? 'nothing of the kind' : `"${toLine(line, 80)}"`,
    );
    const fact = `the champion printed ${first}, the candidate ${second}`;
    return `benchmark: the output's form differs from the champion's: ${fact}; leave what the benchmark prints as it is`;
  };
}

/** A line in other order or of other parts is no difference: a ranking changes where one of its entries gains. */
function isMissing(key: string, { words }: OutputShape): boolean {
  return key.split(' ').some((word) => !words.has(word));
}
