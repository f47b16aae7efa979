import type { Parsed } from '../../domain/config/problem.ts';

/**
 * Reads JSON that a person wrote; a fault is told with line and column, which JSON.parse does not do.
 * @param name the file's name, for the message
 */
export function parseJson(text: string, name: string): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown };
  } catch {
    const { at, expected } = firstFault(text);
    const before = text.slice(0, at).split('\n');
    const place = `${name}:${before.length}:${before.at(-1)!.length + 1}`;
    return { ok: false, problems: [`${place}: ${describe(text, at)}; expected ${expected}`] };
  }
}

interface Fault {
  at: number;
  expected: string;
}

function describe(text: string, at: number): string {
  if (text.trim() === '') return 'the file is empty';
  const rest = text.slice(at);
  if (rest === '') return 'the text ends here';
  if (/^\/[/*]/.test(rest)) return 'JSON has no comments';
  if (/^,\s*[}\]]/.test(rest) || (/^[}\]]/.test(rest) && /,\s*$/.test(text.slice(0, at))))
    return 'a comma stands before the closing bracket';
  return `${JSON.stringify(/^[\p{L}\p{N}_]+|^./su.exec(rest)![0].slice(0, 20))} is not allowed here`;
}

/** Walks the text by the JSON grammar and stops where it breaks; called only for text that JSON.parse refused. */
function firstFault(text: string): Fault {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const take = (token: RegExp): boolean => {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found) at += found[0].length;
    return found !== null;
  };
  const need = (token: RegExp, expected: string): void => {
    take(space);
    if (!take(token)) throw Object.assign(new Error(expected), { at, expected } satisfies Fault);
  };
  const list = (close: RegExp, closing: string, element: () => void): void => {
    take(space);
    if (take(close)) return;
    do {
      element();
      take(space);
    } while (take(comma));
    need(close, `"," or "${closing}"`);
  };
  const value = (): void => {
    take(space);
    if (take(openObject)) list(closeObject, '}', property);
    else if (take(openArray)) list(closeArray, ']', value);
    else need(scalar, 'a value');
  };
  const property = (): void => {
    need(string, 'a name in double quotes');
    need(colon, '":"');
    value();
  };
  try {
    value();
    need(end, 'the end of the text');
  } catch (fault) {
    return fault as Error & Fault;
  }
  return { at, expected: 'JSON' };
}

const space = /[ \t\r\n]*/y;
const openObject = /\{/y;
const closeObject = /\}/y;
const openArray = /\[/y;
const closeArray = /\]/y;
const comma = /,/y;
const colon = /:/y;
const end = /$/y;
const string = /"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = new RegExp(
  `(?:${string.source}|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![\\p{L}\\p{N}_])`,
  'yu',
);
