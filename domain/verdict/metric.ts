import { exampleOf, meanOf, readTimes, type HarnessName, type PrintedTime } from '../benchmark/printed.ts';
import { hasOneGroup } from '../config/groups.ts';
import type { LoopConfig } from '../config/loop-config.ts';
import { toBlock } from '../text.ts';
import { locate, type Located } from './reading/json-document.ts';
import { linesOf, nearestTo, quoted, withoutColours } from './reading/printed.ts';
import { impossible, inUnit, readQuantity, type QuantityReading } from './reading/quantity.ts';
import { unitBefore, unitBeside } from './reading/unit-elsewhere.ts';
import { parseUnit } from './reading/unit.ts';

/** Place of a number in a command's standard output. */
export type MetricPlace = NonNullable<LoopConfig['benchmark']['metric']>;

/** Place of a text there. */
export type TextPlace = NonNullable<LoopConfig['benchmark']['output']>;

export type ReadResult<T> = { ok: true; value: T } | { ok: false; problem: string };

interface ReadOptions {
  /** For messages. */
  field?: string;
  /** Unit of the value; null takes the base unit of whatever is printed. Default "ms". */
  unit?: string | null;
  /** End of standard output and error, cleaned. */
  tail?: string;
}

type FullOptions = ReadOptions & { field: string; unit: string | null };

/** Reads the metric from a command's standard output: exactly one match, a decimal in a unit that fits. Never throws. */
export function readMetric(stdout: string, place: MetricPlace, options: ReadOptions = {}): QuantityReading {
  const { field = 'benchmark.metric', unit = 'ms' } = options;
  if ('harness' in place) return asHarness(stdout, place.harness, { field, unit });
  const read =
    'pattern' in place
      ? atPattern(stdout, place.pattern, { ...options, field, unit })
      : atPointer(stdout, place.pointer, { ...options, field, unit });
  if (!read.ok) return read;
  const fact = impossible(read, unit);
  return fact === null ? read : problem(field, fact);
}

/** Reads a computed output: the one match of a pattern, or the value at a JSON pointer, as JSON. Never throws. */
export function readText(stdout: string, place: TextPlace, field = 'benchmark.output'): ReadResult<string> {
  if ('pattern' in place) {
    const found = byPattern(stdout, place.pattern, { field });
    if (!found.ok) return found;
    const value = found.line.slice(...found.group);
    if (value === '')
      return problem(field, 'the match is empty, and so would be equal whatever was computed; print a checksum');
    return { ok: true, value };
  }
  const found = byPointer(stdout, place.pointer, { field });
  if (!found.ok) return found;
  const nowhere = `${field}.pointer`;
  if (found.value === undefined || found.value === null)
    return problem(nowhere, `the output has nothing at ${place.pointer}; print it there`);
  try {
    if (isRounded(found.value))
      return problem(
        nowhere,
        `the output has a number at ${place.pointer} that JSON rounds; print it as a string, with quotes`,
      );
    return { ok: true, value: JSON.stringify(found.value) };
  } catch {
    return problem(nowhere, `the output is nested too deeply at ${place.pointer}; print a checksum`);
  }
}

/** Reads the members of a suite that a harness ran; none of other metrics. */
export function readMembers(stdout: string, place: MetricPlace | undefined): PrintedTime[] {
  return place && 'harness' in place ? readTimes(withoutColours(stdout), place.harness) : [];
}

/** The geometric mean of what a harness prints, which is always a time. */
function asHarness(
  stdout: string,
  harness: HarnessName,
  { field, unit }: Pick<FullOptions, 'field' | 'unit'>,
): QuantityReading {
  const times = readMembers(stdout, { harness });
  if (times.length > 0) return inUnit(meanOf(times), 'ns', unit);
  const place = `${field.replace(/\.metric$/, '')}.harness`;
  return problem(
    place,
    `the output has no line of ${harness} (${exampleOf(harness)}); let it run the benchmark, or give "metric"`,
  );
}

function atPattern(stdout: string, pattern: string, options: FullOptions): QuantityReading {
  const { field, unit } = options;
  const found = byPattern(stdout, pattern, options);
  if (!found.ok) return found;
  const { line, group } = found;
  const read = inItsUnit(readQuantity(line, group, unit), unit, () => unitBefore(stdout, line, group[0], unit));
  return read.ok ? read : problem(`${field}.pattern`, read.problem);
}

/** A string is read as a line is; a number may have its unit in a member beside it. */
function atPointer(stdout: string, pointer: string, options: FullOptions): QuantityReading {
  const { field, unit } = options;
  const place = `${field}.pointer`;
  const found = byPointer(stdout, pointer, options);
  if (!found.ok) return found;
  const { value } = found;
  if (typeof value !== 'number' && typeof value !== 'string') {
    const keys = Object.keys(found.beside).slice(0, 5);
    const missing = keys.length > 0 ? `only ${quoted(keys.join(', '))}` : 'nothing';
    const there = value === undefined ? missing : `a value that is ${value === null ? 'null' : typeof value}`;
    return problem(place, `the output has no number at ${pointer} (${there} is there); print it there`);
  }
  // JSON.parse makes 0 of 1e-999.
  if (value === 0 && /\d[eE]-\d{3}|\.0{300}/.test(stdout))
    return problem(place, `the number at ${pointer} may be too small; print it in a smaller unit`);
  const text = String(value);
  const read = inItsUnit(readQuantity(text, [0, text.length], unit), unit, () => unitBeside(found, unit));
  return read.ok ? read : problem(place, `at ${pointer}, ${read.problem}`);
}

function inItsUnit(read: QuantityReading, asked: string | null, elsewhere: () => string | null): QuantityReading {
  const unit = read.ok && read.printedUnit === null ? elsewhere() : null;
  return read.ok && unit !== null ? inUnit(read.value, unit, asked) : read;
}

interface Match {
  line: string;
  /** Where the pattern's group is in the line. */
  group: readonly [start: number, end: number];
}

/** Line by line, without the line's end, so that "^" and "$" are the line's and no match goes over one. */
function matchesOf(output: string, pattern: string): Match[] {
  const expression = new RegExp(pattern, 'dg');
  return linesOf(output).flatMap((line) =>
    [...line.matchAll(expression)].map(({ indices }) => ({ line, group: indices?.[1] ?? [0, 0] })),
  );
}

function byPattern(
  stdout: string,
  pattern: string,
  { field, tail = '' }: ReadOptions,
): ({ ok: true } & Match) | { ok: false; problem: string } {
  const matches = matchesOf(stdout, pattern);
  const place = `${field}.pattern`;
  if (matches.length === 0)
    return problem(place, `no line of the output matches ${pattern}${whyNoMatch(stdout, pattern, tail)}`);
  if (matches.length > 1) {
    const lines = matches.slice(-2).map(({ line }) => quoted(line));
    const fact = `${matches.length} places of the output match ${pattern}, the last in ${lines.join(' and ')}`;
    return problem(place, `${fact}; print the line exactly once`);
  }
  if (isHidden(stdout, pattern))
    return problem(place, `what ${pattern} begins with is in the output twice; print it exactly once`);
  return { ok: true, ...matches[0]! };
}

/** Ends the sentence with what was printed instead, and with the remedy. */
function whyNoMatch(stdout: string, pattern: string, tail: string): string {
  const loose = withoutUnit(pattern);
  const [scaled, another] = loose === null ? [] : matchesOf(stdout, loose);
  const read = scaled && !another ? readQuantity(scaled.line, scaled.group, null) : null;
  if (scaled && read?.ok && read.printedUnit !== null)
    return `, but ${quoted(scaled.line)} matches ${loose}; give that, since the unit behind a number is read`;
  const [hidden] = matchesOf(toBlock(stdout, stdout.length), pattern);
  if (hidden) return `, since control characters are in ${quoted(hidden.line)}; print the line without them`;
  const [indented] = matchesOf(stdout.replace(/^[ \t]+|[ \t]+(?=\r?$)/gm, ''), pattern);
  if (indented)
    return `, since blanks stand before or behind ${quoted(indented.line)}; let the pattern take them, by "\\s*"`;
  const [onError] = matchesOf(tail, pattern);
  if (onError)
    return `, but ${quoted(onError.line)} is on standard error; add 2>&1 to the command, or print it on standard output`;
  return ` (${nearestTo(pattern, stdout)}); print the line once, or correct the pattern`;
}

/** Ends a pattern with its group: a program that scales its numbers prints another unit, or one at all. */
function withoutUnit(pattern: string): string | null {
  const [, start, unit = ''] =
    /^(.*\([^()]*\))(?:\s|\\s)*[*+?]?\s*([^\s()]*?)(?:(?:\\?[$)\]|]|\\b).*)?$/.exec(pattern) ?? [];
  const isUnit = unit === '' || parseUnit(unit.replaceAll('\\', '')) !== null;
  return start !== undefined && isUnit && hasOneGroup(start) ? start : null;
}

/** Rejects output where a program could have printed an unfinished line before the benchmark's. */
function isHidden(stdout: string, pattern: string): boolean {
  const [, beginning = ''] = /^\^([\w =:#-]{3,})(?![?*{])/.exec(pattern) ?? [];
  // A colour that was begun and never ended could swallow letters of it.
  return beginning !== '' && [stdout, withoutColours(stdout)].some((text) => text.split(beginning).length > 2);
}

function byPointer(stdout: string, pointer: string, { field, tail = '' }: ReadOptions): Located {
  const found = locate(withoutColours(stdout), pointer);
  if (found.ok) return found;
  const isOnError = stdout.trim() === '' && locate(tail, pointer).ok;
  return problem(
    `${field}.pointer`,
    isOnError ? 'the JSON document is on standard error; add 2>&1 to the command' : found.problem,
  );
}

/** Two different checksums above 2^53 may be the same number to JSON.parse. */
function isRounded(value: unknown): boolean {
  if (typeof value === 'number')
    return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return typeof value === 'object' && value !== null && Object.values(value).some(isRounded);
}

function problem(field: string, text: string): { ok: false; problem: string } {
  return { ok: false, problem: `${field}: ${text}` };
}
