/** An object found in a text. */
export interface FoundObject {
  /** As it stands in the text. */
  json: string;
  /** A key that one object in it has twice; else null. */
  twice: string | null;
}

/** Objects within objects and arrays; a hypothesis has three levels. */
const maxDepth = 16;
/** Characters read in all, so that no text takes more than a moment. */
const maxWork = 4_000_000;

/** Finds the JSON objects in a text, in order. Words between them, and objects deeper than 16 levels, are skipped. */
export function jsonObjects(text: string): FoundObject[] {
  const found: FoundObject[] = [];
  let work = 0;
  for (let start = text.indexOf('{'); start >= 0 && work < maxWork;) {
    const object = readObject(text, start);
    work += object.read;
    if (object.end !== null) found.push({ json: text.slice(start, object.end), twice: object.twice });
    start = text.indexOf('{', object.end ?? start + 1);
  }
  return found;
}

const token =
  /[ \t\r\n]*(?:("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)|([{}[\],:]))/y;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end';

/** Reads the object at `start` without recursion. `end` is null if there is none. */
function readObject(text: string, start: number): { end: number | null; twice: string | null; read: number } {
  /** The keys of each object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  let expected: Expected = 'value';
  let twice: string | null = null;
  for (token.lastIndex = start; ;) {
    const from = token.lastIndex;
    const [, string, literal, mark] = token.exec(text) ?? [];
    const end = token.lastIndex;
    const fail = { end: null, twice: null, read: Math.max(from, end) - start + 1 };
    const inside = open.at(-1);
    if (mark === '{' || mark === '[') {
      if (!expected.startsWith('value') || open.length >= maxDepth) return fail;
      open.push(mark === '{' ? new Set() : null);
      expected = mark === '{' ? 'key or }' : 'value or ]';
    } else if (mark === '}' || mark === ']') {
      const closes = expected === ', or end' || expected === (mark === '}' ? 'key or }' : 'value or ]');
      if (!closes || (mark === '}') !== inside instanceof Set) return fail;
      open.pop();
      if (open.length === 0) return { end, twice, read: end - start };
      expected = ', or end';
    } else if (mark === ',') {
      if (expected !== ', or end') return fail;
      expected = inside ? 'key' : 'value';
    } else if (mark === ':') {
      if (expected !== ':') return fail;
      expected = 'value';
    } else if (string !== undefined && expected.startsWith('key')) {
      const key = JSON.parse(string) as string;
      if (inside!.has(key)) twice ??= key;
      inside!.add(key);
      expected = ':';
    } else if ((string !== undefined || literal !== undefined) && expected.startsWith('value')) expected = ', or end';
    else return fail;
  }
}
