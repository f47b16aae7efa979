/** Code between two fence lines of Markdown. */
export interface Fence {
  /** What stands behind the opening fence: a language, perhaps a file. */
  info: string;
  code: string;
  /** The last line with text before it. */
  above: string;
}

export interface MarkedText {
  fences: Fence[];
  /** Lines outside of fences. */
  prose: string[];
  /** The last fence was never closed: the answer is a part of one. */
  isCut: boolean;
}

/** Splits an answer at its fences. One within a fence belongs to the code, but for an answer that is itself in one. */
export function splitFences(text: string): MarkedText {
  const lines = text.split('\n');
  const found: MarkedText = { fences: [], prose: [], isCut: false };
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const open = readFence(line);
    if (!open) {
      found.prose.push(line);
      continue;
    }
    const close = closingLine(lines, index, open);
    const last = lines.findLast((one) => one.trim() !== '')!;
    const isGlued = close === null && last.trimEnd().endsWith(open.mark) && last.trim() !== line.trim();
    const inner = lines.slice(index + 1, close ?? lines.length);
    if (isGlued) inner.splice(inner.lastIndexOf(last), Infinity, last.trimEnd().slice(0, -open.mark.length));
    found.isCut = close === null && !isGlued;
    const above = found.prose.findLast((one) => one.trim() !== '') ?? '';
    found.fences.push({ info: open.info, code: withoutIndent(inner, open.indent), above });
    index = close ?? lines.length;
  }
  const [only] = found.fences;
  const isWrapped = only && found.fences.length === 1 && /^(|markdown|md|text)$/i.test(only.info);
  return isWrapped && only.code.split('\n').some(readFence) ? splitFences(only.code) : found;
}

interface FenceLine {
  indent: number;
  mark: string;
  info: string;
}

function readFence(line: string): FenceLine | null {
  const [, lead, mark, rest] = /^([ \t>]{0,40}(?:(?:[-*]|\d{1,2}[.)]) {1,3})?)(`{3,20}|~{3,20})(.*)$/.exec(line) ?? [];
  return mark === undefined || rest!.includes('`') ? null : { indent: lead!.length, mark, info: rest!.trim() };
}

/** Line of the fence that closes one. Fences that are deeper in, or open and close in pairs, belong to the code. */
function closingLine(lines: readonly string[], from: number, open: FenceLine): number | null {
  for (const [isNested, mayBeDeeper] of [
    [true, false],
    [false, false],
    [false, true],
  ]) {
    let depth = 0;
    for (let index = from + 1; index < lines.length; index++) {
      const fence = readFence(lines[index]!);
      if (!fence?.mark.startsWith(open.mark) || (!mayBeDeeper && fence.indent > open.indent)) continue;
      if (fence.info !== '') depth += Number(isNested);
      else if (depth === 0) return index;
      else depth--;
    }
  }
  return null;
}

function withoutIndent(lines: readonly string[], width: number): string {
  const lead = (line: string) => line.slice(0, width).trim() === '';
  return (width > 0 && lines.every(lead) ? lines.map((line) => line.slice(width)) : lines).join('\n');
}
