import type { SourceFunction } from '../source/function.ts';
import { toLine, type CleanLine } from '../text.ts';
import { keyOf, type Answer, type FunctionName, type Recorded } from './contract.ts';
import type { PlannedCall } from './plan.ts';

/** A function that a candidate changes, as it is in the base. */
export interface EditedFunction extends FunctionName {
  source: SourceFunction;
}

/** Findings of the replay check about a candidate. */
export interface ReplayCoverage {
  /** Functions of the base that the candidate changes. */
  edited: number;
  /** Those among them that ran in a compared call. */
  covered: number;
  /** Compared calls. */
  calls: number;
  /** The others, and why; at most 20. */
  leftOut: { name: CleanLine; why: CleanLine }[];
}

/** Tells which of the edited functions ran in a call, by its answer with a trace. */
export function ranIn(edited: readonly EditedFunction[], { ran = [] }: Pick<Answer, 'ran'>): EditedFunction[] {
  return edited.filter(({ file, source }) =>
    ran.some(([inFile, line]) => inFile === file && source.start <= line && line <= source.end),
  );
}

export const noCoverage: ReplayCoverage = { edited: 0, covered: 0, calls: 0, leftOut: [] };

export function addCoverage(one: ReplayCoverage, other: ReplayCoverage): ReplayCoverage {
  return {
    edited: one.edited + other.edited,
    covered: one.covered + other.covered,
    calls: one.calls + other.calls,
    leftOut: [...one.leftOut, ...other.leftOut],
  };
}

/** @param why why calls of a function were of no use, by its key */
export function coverageOf(
  edited: readonly EditedFunction[],
  { covered, kept }: { covered: ReadonlySet<EditedFunction>; kept: readonly PlannedCall[] },
  why: ReadonlyMap<string, string>,
): ReplayCoverage {
  const others = edited.filter((one) => !covered.has(one));
  const leftOut = others.slice(0, 20).map((one) => ({
    name: toLine(`${one.file}: ${one.name}`),
    why: toLine(why.get(keyOf(one)) ?? formOf(one)),
  }));
  return { edited: edited.length, covered: covered.size, calls: kept.length, leftOut };
}

function formOf({ source }: EditedFunction): string {
  if (source.isAsync) return 'async';
  if (source.isGenerator) return 'a generator';
  if (source.usesThis) return 'uses its receiver, and no compared call reaches it';
  if (!source.isModuleLevel) return 'inside of another function, and no compared call reaches it';
  return 'no call of it was seen';
}

/** Why calls could not be recorded or compared: of each function one reason. */
export function reasonsOf(
  recorded: readonly Recorded[],
  useless: readonly [PlannedCall, string][],
): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const one of recorded) if ('leftOut' in one) reasons.set(keyOf(one), `takes no plain data (${one.leftOut})`);
  for (const [call, why] of useless) reasons.set(keyOf(call), why);
  return reasons;
}

/** "3 of 4 edited functions ran, 200 calls, same answers; left out: src/a.mjs: read (async)" */
export function coverageText({ edited, covered, calls, leftOut }: ReplayCoverage, differs: boolean): CleanLine {
  const others = leftOut.map(({ name, why }) => `${name} (${why})`).join(', ');
  const facts = `${covered} of ${edited} edited functions ran, ${calls} calls, ${differs ? 'another answer' : 'same answers'}`;
  return toLine(`${facts}${others ? `; left out: ${others}` : ''}`, 400);
}
