import type { LoopConfig } from '../config/loop-config.ts';

/** Place in a command's standard output. */
export type MetricPlace = NonNullable<LoopConfig['benchmark']['metric']>;

export type ReadResult<T> = { ok: true; value: T } | { ok: false; problem: string };

const plainDecimal = /^[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?$/;

/**
 * Reads the metric from a command's standard output: exactly one match, a plain finite decimal above 0. Never throws.
 * @param field for messages
 */
export function readMetric(stdout: string, place: MetricPlace, field = 'benchmark.metric'): ReadResult<number> {
  const found = 'pattern' in place ? wholeNumber(stdout, place.pattern, field) : numberAt(stdout, place.pointer, field);
  if (!found.ok) return found;
  const shown = JSON.stringify(found.value.slice(0, 40));
  if (!plainDecimal.test(found.value))
    return problem(field, `${shown} is not a plain decimal number; print one such as 12.5`);
  const value = Number(found.value);
  if (!Number.isFinite(value)) return problem(field, `${shown}… is too large; print it in a larger unit`);
  return value > 0 ? { ok: true, value } : problem(field, `${shown} is not above 0; print a number above 0`);
}

/** Reads a computed output: the one match of a pattern, or the value at a JSON pointer, as JSON. Never throws. */
export function readText(stdout: string, place: MetricPlace, field = 'benchmark.output'): ReadResult<string> {
  if ('pattern' in place) {
    const found = byPattern(stdout, place.pattern, field);
    if (!found.ok) return found;
    if (found.value === '')
      return problem(field, 'the match is empty, and so would be equal whatever was computed; print a checksum');
    return { ok: true, value: found.value };
  }
  const found = byPointer(stdout, place.pointer, field);
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

/** A pattern that stops in the middle of a number ("1" of "1,234" or of "1e-7") would read another number. */
function wholeNumber(stdout: string, pattern: string, field: string): ReadResult<string> {
  const found = byPattern(stdout, pattern, field);
  if (!found.ok || !found.around) return found;
  const [before, after] = found.around;
  const isCut = /\p{Nd}[.,_]?$|\.$|[-+]$/u.test(before) || /^(?:[.,_]?\p{Nd}|e[-+]?\p{Nd}|x[\da-f])/iu.test(after);
  return isCut
    ? problem(
        `${field}.pattern`,
        `${pattern} takes ${JSON.stringify(found.value.slice(0, 40))} out of a longer number; let it match all of it`,
      )
    : found;
}

/** Line by line, without the line's end, so that "^" and "$" are the line's and no match goes over one. */
function byPattern(
  stdout: string,
  pattern: string,
  field: string,
): ReadResult<string> & { around?: [before: string, after: string] } {
  const expression = new RegExp(pattern, 'dg');
  const matches = stdout.split(/\r?\n/).flatMap((line) => [...line.matchAll(expression)]);
  if (matches.length === 0)
    return problem(`${field}.pattern`, `no line of the output matches ${pattern}; print the line once`);
  if (matches.length > 1)
    return problem(
      `${field}.pattern`,
      `${matches.length} places of the output match ${pattern}; print the line exactly once`,
    );
  if (isHidden(stdout, pattern))
    return problem(`${field}.pattern`, `what ${pattern} begins with is in the output twice; print it exactly once`);
  const { 1: value = '', indices, input } = matches[0]!;
  const [start, end] = indices?.[1] ?? [0, 0];
  return { ok: true, value, around: [input.slice(Math.max(0, start - 2), start), input.slice(end, end + 3)] };
}

/** Rejects output where a program could have printed an unfinished line before the benchmark's. */
function isHidden(stdout: string, pattern: string): boolean {
  const [, beginning = ''] = /^\^([\w =:#-]{3,})(?![?*{])/.exec(pattern) ?? [];
  return beginning !== '' && stdout.split(beginning).length > 2;
}

function numberAt(stdout: string, pointer: string, field: string): ReadResult<string> {
  const found = byPointer(stdout, pointer, field);
  if (!found.ok) return found;
  return typeof found.value === 'number'
    ? { ok: true, value: String(found.value) }
    : problem(`${field}.pointer`, `the output has no number at ${pointer}; print it there, without quotes`);
}

/** RFC 6901. What is not there is undefined. */
function byPointer(stdout: string, pointer: string, field: string): ReadResult<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    return problem(`${field}.pointer`, 'the output is not JSON; print one JSON document and nothing else');
  }
  for (const part of pointer.slice(1).split('/'))
    value = memberOf(value, part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return { ok: true, value };
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) && !/^(?:0|[1-9][0-9]*)$/.test(key)) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
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
