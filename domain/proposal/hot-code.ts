import { hasWord, holds, type SourceFile, type SourceFunction } from '../source/function.ts';
import { blockAt, functionAt, shortName, type Block } from '../source/find.ts';
import type { Hotspot } from '../steps.ts';

/** Code in which the time goes: one function, or a whole file where no function is known. */
export interface HotCode {
  file: string;
  /** Qualified by its classes: "Lexer.next"; null for a whole file. */
  name: string | null;
  /** 1-based lines, both included. */
  lines: [first: number, last: number];
  /** Offsets in the file's content. */
  range: { start: number; end: number };
  code: string;
  /** As in `Hotspot`. */
  share: number | null;
  total?: number;
  calls?: number;
}

/** Functions of a file without a profile that may get their turn. */
const maxGuesses = 8;

/** The code of hotspots in editable files, hottest first: spots in one function are one. */
export function hotCodesOf(
  hotspots: readonly Hotspot[],
  sources: readonly SourceFile[],
  benchmark: readonly Pick<SourceFile, 'content'>[] = [],
): HotCode[] {
  const codes = new Map<string, HotCode>();
  for (const spot of hotspots) {
    const source = sources.find(({ path }) => path === spot.file);
    if (!source) continue;
    const spots = spot.name === null && spot.line === null ? guessed(spot, source, benchmark) : [spot];
    for (const code of spots.map((one) => hotCodeOf(one, source))) {
      const key = `${code.file}:${code.range.start}`;
      const known = codes.get(key);
      codes.set(key, known ? { ...known, share: summed(known.share, code.share) } : code);
    }
  }
  return [...codes.values()].sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
}

function summed(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(1, a + b);
}

/** Without a profile: the functions that the benchmark names, then the longest. */
function guessed(spot: Hotspot, { parsed }: SourceFile, benchmark: readonly Pick<SourceFile, 'content'>[]): Hotspot[] {
  const isNamed = ({ name }: SourceFunction) => benchmark.some(({ content }) => hasWord(content, shortName(name)));
  const outermost = (parsed?.functions ?? []).filter((one, _, all) => !all.some((other) => holds(other, one)));
  const rank = (one: SourceFunction) => (isNamed(one) ? 1e9 : 0) + one.range.end - one.range.start;
  const ranked = outermost.sort((a, b) => rank(b) - rank(a)).slice(0, maxGuesses);
  return ranked.length === 0 ? [spot] : ranked.map(({ name, start }) => ({ ...spot, name, line: start }));
}

/** Finds the code of a hotspot in its file. */
function hotCodeOf({ name, line, ...spot }: Hotspot, { content, parsed }: SourceFile): HotCode {
  const { file, share, total, calls } = spot;
  const found = parsed ? functionAt(parsed, { name, line }) : null;
  const block = found ?? (parsed ? null : blockAt(content, { name, line }));
  const range = found ? found.range : block ? offsetsOf(content, block) : { start: 0, end: content.length };
  return {
    file,
    name: found?.name ?? (block && name),
    lines: block ? [block.start, block.end] : [1, content.split('\n').length],
    range,
    code: content.slice(range.start, range.end),
    share,
    ...(total !== undefined && { total }),
    ...(calls !== undefined && { calls }),
  };
}

function offsetsOf(content: string, { start, end }: Block): HotCode['range'] {
  const lines = content.split('\n');
  const from = lines.slice(0, start - 1).join('\n').length + Number(start > 1);
  return { start: from, end: from + lines.slice(start - 1, end).join('\n').length };
}
