/** An object found in a text. */
export interface FoundObject {
  value: Record<string, unknown>;
  /** A key that one object in it has twice; else null. */
  twice: string | null;
  /** A bracket before it was never closed: it may be a part of something that was cut. */
  isDoubtful: boolean;
}

/** Objects within objects and arrays; a hypothesis has three levels. */
const maxDepth = 16;
/** Characters read in all, so that no text takes more than a moment. */
const maxWork = 2_000_000;

/**
 * Finds the JSON objects in a text, at most 16 levels deep, as models write them: with comments, say, or other quotes.
 */
export function jsonObjects(text: string): FoundObject[] {
  const found: FoundObject[] = [];
  let [work, isDoubtful] = [0, false];
  for (let start = text.indexOf('{'); start >= 0 && work < maxWork;) {
    const object = readObject(text, start);
    work += object.read;
    if (object.end === null) isDoubtful = true;
    else found.push({ value: JSON.parse(object.json) as FoundObject['value'], twice: object.twice, isDoubtful });
    start = text.indexOf('{', object.end ?? start + 1);
  }
  return found;
}

const blanks = String.raw`(?:[ \t\r\n]|//[^\n]{0,2000}\n|/\*[^]{0,2000}?\*/)*`;
const plain = ['"', "'", '`'].map((quote) => `${quote}(?:[^${quote}\\\\]|\\\\[^])*${quote}`).join('|');
/** As Python has them too. */
const quoted = String.raw`"""(?:[^"\\]|\\[^]|"{1,2}(?!"))*"""|${plain}`;
const literal = String.raw`-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|[A-Za-z_$][\w$]*`;
const token = new RegExp(`${blanks}(?:(${quoted})|(${literal})|([{}[\\],:]))`, 'y');
const words: ReadonlyMap<string, string> = new Map([
  ...[
    ['true', 'true'],
    ['false', 'false'],
    ['null', 'null'],
    ['True', 'true'],
    ['False', 'false'],
    ['None', 'null'],
  ],
] as [string, string][]);

type Expected = 'value' | 'value or ]' | 'key or }' | ':' | ', or end';

interface ReadObject {
  /** Null if there is no object. */
  end: number | null;
  /** As strict JSON. */
  json: string;
  twice: string | null;
  read: number;
}

/** Reads the object at `start` without recursion. */
function readObject(text: string, start: number): ReadObject {
  /** The keys of each object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  const json: string[] = [];
  let expected: Expected = 'value';
  let twice: string | null = null;
  for (token.lastIndex = start; ;) {
    const from = token.lastIndex;
    const [, string, word, mark] = token.exec(text) ?? [];
    const end = token.lastIndex;
    const fail = { end: null, json: '', twice: null, read: Math.max(from, end) - start + 1 };
    const inside = open.at(-1);
    if (expected === ', or end' && inside && string !== undefined && isAtLineEnd(text, from)) {
      json.push(',');
      expected = 'key or }';
    }
    if (mark === '{' || mark === '[') {
      if (!expected.startsWith('value') || open.length >= maxDepth) return fail;
      open.push(mark === '{' ? new Set() : null);
      expected = mark === '{' ? 'key or }' : 'value or ]';
    } else if (mark === '}' || mark === ']') {
      const closes = expected === ', or end' || expected === (mark === '}' ? 'key or }' : 'value or ]');
      if (!closes || (mark === '}') !== inside instanceof Set) return fail;
      if (json.at(-1) === ',') json.pop();
      open.pop();
      expected = ', or end';
      if (open.length === 0) return { end, json: `${json.join('')}}`, twice, read: end - start };
    } else if (mark !== undefined) {
      if (expected !== (mark === ',' ? ', or end' : ':')) return fail;
      expected = mark === ':' ? 'value' : inside ? 'key or }' : 'value or ]';
    } else if (expected === 'key or }' && (string ?? word) !== undefined) {
      const key = string === undefined ? word! : unquote(string);
      if (inside!.has(key)) twice ??= key;
      inside!.add(key);
      json.push(JSON.stringify(key));
      expected = ':';
      continue;
    } else if (expected.startsWith('value') && (string ?? word) !== undefined) {
      const value = literalOf(string, word);
      if (value === null) return fail;
      json.push(value);
      expected = ', or end';
      continue;
    } else return fail;
    json.push(mark);
  }
}

/** Tells where a comma may have been left out. */
function isAtLineEnd(text: string, from: number): boolean {
  return /^[ \t\r]*\n/.test(text.slice(from, from + 200));
}

/** As strict JSON; null for a word that is no value. */
function literalOf(string: string | undefined, word = ''): string | null {
  if (string !== undefined) return JSON.stringify(unquote(string));
  return words.get(word) ?? (/^[-0-9]/.test(word) ? word : null);
}

const escapes: ReadonlyMap<string, string> = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '\n': '\n' }),
);

/** A backslash before anything else than JSON escapes is one that the model did not write twice. */
function unquote(string: string): string {
  const width = string.startsWith('"""') ? 3 : 1;
  return string
    .slice(width, -width)
    .replace(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (all, code: string | undefined, one: string) => {
      if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
      return escapes.get(one) ?? (/["'`\\/]/.test(one) ? one : all);
    });
}
