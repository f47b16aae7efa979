import type { SourceFunction } from '../source/function.ts';
import type { SourceText } from '../source/touched.ts';

/** Numbers and texts that a source speaks of: behaviour changes at them. */
export interface Constants {
  numbers: number[];
  texts: string[];
}

export const noConstants: Constants = { numbers: [], texts: [] };

/** Of one kind, of one function. */
const most = 10;
const number = /(?<![\w$.])(?:0x[\da-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])/gi;
const string = /'([^'\\\n]{1,16})'|"([^"\\\n]{1,16})"/g;

/** Finds constants in the text of a function, then at the top of its module. */
export function constantsOf({ source }: { source: SourceFunction }, { text, parsed }: SourceText): Constants {
  let top = text;
  for (const { range } of [...parsed.functions].sort((a, b) => b.range.start - a.range.start))
    top = top.slice(0, range.start) + top.slice(range.end);
  const all = `${text.slice(source.range.start, source.range.end)}\n${top}`;
  const numbers = [...all.matchAll(number)].map(([found]) => Number(found)).filter((value) => value <= 1e9);
  const texts = [...all.matchAll(string)].map(([, one, other]) => (one ?? other)!);
  return { numbers: [...new Set(numbers)].slice(0, most), texts: [...new Set(texts)].slice(0, most) };
}
