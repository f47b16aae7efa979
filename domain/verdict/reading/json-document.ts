import { endOfOutput } from './printed.ts';

export type Located =
  | {
      ok: true;
      value: unknown;
      key: string;
      /** Members of its parent, if that is an object. */
      beside: Record<string, unknown>;
    }
  | { ok: false; problem: string };

/** Beginning of a JSON document at the beginning of a line. */
const beginning = /^[ \t]*(?=\{\s*["}]|\[\s*[\]{["\d.tfn-])/gm;
/** Takes a string without an end too, to the end of its line: else each quote in it would be tried anew. */
const token = /"(?:[^"\\\n]|\\.)*"?|[{}[\]]/g;

/** Follows a JSON pointer (RFC 6901) in the one document of an output. A value that is not there is undefined. */
export function locate(output: string, pointer: string): Located {
  const found = theDocument(output, pointer);
  if (!found.ok) return found;
  let value: unknown = found.document;
  let parent: unknown;
  let key = '';
  for (const part of pointer.slice(1).split('/')) {
    key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    parent = value;
    value = memberOf(parent, key);
  }
  const isObject = typeof parent === 'object' && parent !== null && !Array.isArray(parent);
  return { ok: true, value, key, beside: isObject ? (parent as Record<string, unknown>) : {} };
}

/** Other lines may stand around it, but nothing that could be another document, finished or not. */
function theDocument(
  output: string,
  pointer: string,
): { ok: true; document: unknown } | { ok: false; problem: string } {
  const whole = parse(output);
  if (whole) return { ok: true, document: whole.document };
  const found = documentsIn(output);
  if (found.length > 1)
    return { ok: false, problem: `the output has ${found.length} JSON documents; print one, with one result` };
  const [only] = found;
  if (!only)
    return {
      ok: false,
      problem: `the output is not JSON, nor has it one document on lines of its own (${endOfOutput(output)}); print one`,
    };
  const around = `${output.slice(0, only.start)}\n${output.slice(only.end)}`;
  const another = /^\/\d/.test(pointer) ? /\{\s*"|\[\s*["{[\d-]/ : /\{\s*"/;
  return another.test(around)
    ? {
        ok: false,
        problem: 'the output has JSON beside the document; print one JSON document, from the start of a line',
      }
    : { ok: true, document: only.document };
}

interface Found {
  start: number;
  end: number;
  document: unknown;
}

function documentsIn(output: string): Found[] {
  const found: Found[] = [];
  const ends = bracketEnds(output);
  for (const { index, 0: blanks } of output.matchAll(beginning)) {
    const start = index + blanks.length;
    const end = ends.get(start);
    if (end === undefined || start < (found.at(-1)?.end ?? 0)) continue;
    if (!/^[ \t]*(?:[\r\n]|$)/.test(output.slice(end, end + 100))) continue;
    const parsed = parse(output.slice(start, end));
    if (parsed) found.push({ start, end, ...parsed });
  }
  return found;
}

/** Pairs brackets in one pass. No string goes over the end of a line, so that one in a log harms its line alone. */
function bracketEnds(output: string): Map<number, number> {
  const ends = new Map<number, number>();
  const open: { at: number; close: string }[] = [];
  for (const { index, 0: text } of output.matchAll(token)) {
    if (text === '{' || text === '[') open.push({ at: index, close: text === '{' ? '}' : ']' });
    if (text === open.at(-1)?.close) ends.set(open.pop()!.at, index + 1);
  }
  return ends;
}

function parse(text: string): { document: unknown } | null {
  try {
    return { document: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) && !/^(?:0|[1-9][0-9]*)$/.test(key)) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
