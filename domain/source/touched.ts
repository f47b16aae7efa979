import type { ParsedSource, SourceFunction } from './function.ts';

export interface SourceText {
  text: string;
  parsed: ParsedSource;
}

export interface Touched {
  /**
   * Innermost functions that both sides have and whose own text differs.
   * `outermost` names the function that holds it after the edit, or itself.
   */
  edited: { before: SourceFunction; after: SourceFunction; outermost: string }[];
  /** Names that one side alone has. */
  added: string[];
  removed: string[];
  /** Text outside of all functions differs, by more than white space. */
  outside: boolean;
}

/** Names the functions that an edit of one file changes. One that only moved is not among them. */
export function functionsTouched(before: SourceText, after: SourceText): Touched {
  const [old, now] = [ownTexts(before), ownTexts(after)];
  const edited = [...now.functions].flatMap(([name, { source, own, outermost }]) => {
    const was = old.functions.get(name);
    return was && was.own !== own ? [{ before: was.source, after: source, outermost }] : [];
  });
  const only = (one: OwnTexts, other: OwnTexts) =>
    [...one.functions.keys()].filter((name) => !other.functions.has(name));
  return { edited, added: only(now, old), removed: only(old, now), outside: now.outside !== old.outside };
}

interface OwnTexts {
  /** Each with its own text, in which its inner functions are names. */
  functions: Map<string, { source: SourceFunction; own: string; outermost: string }>;
  outside: string;
}

function ownTexts({ text, parsed }: SourceText): OwnTexts {
  const functions: OwnTexts['functions'] = new Map();
  const open: { source: SourceFunction; own: string; outermost: string }[] = [];
  let [outside, at] = ['', 0];
  const readTo = (end: number) => {
    const around = open.at(-1);
    if (around) around.own += text.slice(at, end);
    else outside += ` ${text.slice(at, end)}`;
    at = end;
  };
  const advanceTo = (start: number) => {
    for (let end; (end = open.at(-1)?.source.range.end ?? Infinity) <= start; open.pop()) readTo(end);
    readTo(start);
  };
  for (const source of parsed.functions) {
    advanceTo(source.range.start);
    const around = open.at(-1);
    if (around) around.own += `\0${source.name}\0`;
    const one = { source, own: '', outermost: open[0]?.source.name ?? source.name };
    functions.set(source.name, one);
    open.push(one);
  }
  advanceTo(text.length);
  return { functions, outside: outside.replace(/\s+/g, ' ').trim() };
}
