import type { ParsedSource, SourceFunction } from './function.ts';

export interface SourceText {
  text: string;
  parsed: ParsedSource;
}

export interface Touched {
  /**
   * Innermost functions of both sides whose own text differs, paired by exported name where there is one.
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
  const pairs = pairUp(old, now);
  const edited = [...pairs].flatMap(([{ source, own, outermost }, was]) =>
    // Another name is another function.
    was.own === own && was.source.name === source.name ? [] : [{ before: was.source, after: source, outermost }],
  );
  const paired = new Set([...pairs].flat());
  const only = ({ functions }: OwnTexts) => [...functions].flatMap(([name, one]) => (paired.has(one) ? [] : [name]));
  return { edited, added: only(now), removed: only(old), outside: now.outside !== old.outside };
}

/** Pairs functions of two sides: by the name that both export them under, the others by their own. */
function pairUp(old: OwnTexts, now: OwnTexts): Map<OwnText, OwnText> {
  const exported = ({ functions }: OwnTexts) =>
    new Map(
      [...functions.values()].flatMap((one) => (one.source.exported === null ? [] : [[one.source.exported, one]])),
    );
  const [before, after] = [exported(old), exported(now)];
  const pairs = new Map<OwnText, OwnText>();
  for (const [name, one] of after) if (before.has(name)) pairs.set(one, before.get(name)!);
  const taken = new Set(pairs.values());
  for (const [name, one] of now.functions) {
    const was = old.functions.get(name);
    if (was && !pairs.has(one) && !taken.has(was)) pairs.set(one, was);
  }
  return pairs;
}

interface OwnText {
  source: SourceFunction;
  /** Its text, in which its inner functions are names. */
  own: string;
  outermost: string;
}

interface OwnTexts {
  functions: Map<string, OwnText>;
  outside: string;
}

function ownTexts({ text, parsed }: SourceText): OwnTexts {
  const functions: OwnTexts['functions'] = new Map();
  const open: OwnText[] = [];
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
