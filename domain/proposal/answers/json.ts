import { readDiff } from './diff.ts';
import { splitFences, type Fence } from './fences.ts';
import { jsonObjects } from './json-objects.ts';
import { onlyPlace } from './only-place.ts';
import type { ParseResult } from '../../config/problems.ts';
import type { Shown } from '../form.ts';
import { plainQuotes } from '../place.ts';
import { toLine } from '../../text.ts';

/** What an answer says of a change, before it is checked and placed. */
export interface Draft {
  title: string | null;
  rationale: string | null;
  /** As in a `Hypothesis`; a command source may tell it. */
  target?: string;
  /** As in a `Hypothesis`, not yet checked. */
  edits: object[];
}

const form = 'print one hypothesis {"title", "edits": […]}';
const text = '(?:string|str|text|code|block|content|lines?)?';
/** Names that models give to the same thing, in small letters and without other signs. */
const names: readonly [string, RegExp][] = [
  ['edits', /^(?:edits?|changes|modifications|patches|replacements|files)$/],
  ['title', /^title$/],
  ['file', /^(?:file|path|filename|filepath)$/],
  ['search', new RegExp(`^(?:search|old|find|before|original|from)${text}$`)],
  ['replace', new RegExp(`^(?:replace|new|replacement|after|updated|to)${text}$`)],
  ['content', /^(?:new|full|file)?content$/],
  ['rationale', /^(?:rationale|reason|explanation|why)$/],
  ['diff', /^(?:diff|patch|unifieddiff)$/],
];
/** Levels of wrappers round a hypothesis, calls of tools among them. */
const maxWrappers = 4;

/** Reads a hypothesis as JSON; keys that nobody knows are passed over. Null: the answer is in another form. */
export function readJson(text: string, fences: readonly Fence[], shown: Shown): ParseResult<Draft> | null {
  const starts = (part: string) => /^\s*[[{]/.test(part);
  const inFences = fences.filter(
    ({ info, code }) => /^json/i.test(info) || (starts(code) && /["']edits["']/.test(code)),
  );
  const whole = starts(text) || fences.length === 0 ? text : inFences.map(({ code }) => code).join('\n');
  if (!whole.includes('{')) return null;
  const read = jsonObjects(whole);
  const found = read.length > 0 ? read : jsonObjects(plainQuotes(whole));
  const hypotheses = unique(found.flatMap((one) => within(one.value).map((value) => ({ ...one, value }))));
  if (hypotheses.length > 1) return refuse(`has ${hypotheses.length} hypotheses; print one`);
  const twice = hypotheses[0]?.twice;
  if (twice) return refuse(`has the key ${JSON.stringify(toLine(twice, 40))} twice in one object; give each key once`);
  if (hypotheses[0]) return toDraft(hypotheses[0].value, shown);
  const edits = found.filter(({ value, isDoubtful }) => !isDoubtful && isEdit(renamed(value)));
  if (edits.length > 0) return toDraft({ edits: edits.map(({ value }) => value) }, shown);
  if (!starts(whole) && !/["']edits["']\s{0,9}:/.test(whole)) return null;
  const fault = jsonFault(whole.slice(whole.search(/[[{]/)).trim());
  return refuse(fault === null ? `has neither "title" nor "edits"; ${form}` : `is not JSON (${fault}); ${form}`);
}

function refuse(problem: string): { ok: false; problems: string[] } {
  return { ok: false, problems: [`answer: ${problem}`] };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The hypotheses that a value is or wraps. */
function within(value: unknown, depth = maxWrappers): Record<string, unknown>[] {
  if (depth === 0) return [];
  if (Array.isArray(value)) return value.flatMap((one) => within(one, depth - 1));
  if (typeof value === 'string')
    return /"edits"/.test(value) ? jsonObjects(value).flatMap((one) => within(one.value, depth - 1)) : [];
  if (!isObject(value)) return [];
  const known = renamed(value);
  if ('edits' in known || ('title' in known && ('diff' in known || isEdit(known)))) return [known];
  return isEdit(known) ? [] : Object.values(value).flatMap((one) => within(one, depth - 1));
}

/** Gives members the names that are asked for, and leaves out those that hold nothing. */
function renamed(value: Record<string, unknown>): Record<string, unknown> {
  const known: Record<string, unknown> = { ...value };
  const isList = (one: unknown) => isObject(one) || (Array.isArray(one) && one.length > 0 && one.every(isObject));
  for (const [key, one] of Object.entries(value)) {
    const plain = key.replace(/[^a-z]/gi, '').toLowerCase();
    const [name] = names.find(([, form]) => form.test(plain)) ?? [];
    if (name !== undefined && (name !== 'edits' || isList(one))) known[name] ??= one;
  }
  return Object.fromEntries(Object.entries(known).filter(([, one]) => one != null));
}

function isEdit(value: Record<string, unknown>): boolean {
  return typeof value['file'] === 'string' && ('replace' in value || 'content' in value);
}

function unique<T extends { value: object }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one.value), one])).values()];
}

function toDraft(value: Record<string, unknown>, shown: Shown): ParseResult<Draft> {
  const { title, rationale, target, edits = [value] } = value;
  const made: object[] = [];
  for (const [index, one] of listOf('diff' in value && !('edits' in value) ? value : edits).entries()) {
    const { edit, isWhole } = toEdit(one, value['file'], shown);
    const diff = typeof edit['diff'] === 'string' ? editsOfDiff(edit['diff'], edit['file'], shown) : null;
    if (diff?.ok === false) return diff;
    const isFit = 'file' in edit && ('content' in edit ? !('search' in edit) : 'search' in edit && 'replace' in edit);
    const keys = Object.keys(edit).join(', ') || 'nothing';
    const problem = `edits.${index}: has ${keys}; give "file" with "search" and "replace", or with "content"`;
    if (!diff && !isFit) return { ok: false, problems: [problem] };
    made.push(...(diff?.value ?? [{ ...edit, isWithoutPlace: isWhole }]));
  }
  const words = [title, rationale].map((one) => (typeof one === 'string' ? one : null)) as [
    string | null,
    string | null,
  ];
  return {
    ok: true,
    value: { title: words[0], rationale: words[1], ...(typeof target === 'string' && { target }), edits: made },
  };
}

function editsOfDiff(diff: string, file: unknown, shown: Shown): ParseResult<object[]> | null {
  const isNamed = /^\+\+\+ |^\*\*\* /m.test(diff) || typeof file !== 'string';
  return readDiff(isNamed ? diff : `--- ${file}\n+++ ${file}\n${diff}`, splitFences(diff), shown);
}

/** Edits may be one, one for each file's name, or JSON within JSON. */
function listOf(edits: unknown): unknown[] {
  if (typeof edits === 'string') return jsonObjects(edits).map(({ value }) => value);
  if (!isObject(edits) || Object.keys(renamed(edits)).some((key) => /^(?:file|search|replace|content|diff)$/.test(key)))
    return Array.isArray(edits) ? edits : [edits];
  return Object.entries(edits).map(([file, one]) => (isObject(one) ? { file, ...one } : { file, content: one }));
}

/** @returns `isWhole` where a text came with nothing to search for */
function toEdit(value: unknown, file: unknown, shown: Shown): { edit: Record<string, unknown>; isWhole: boolean } {
  const lines = (one: unknown) =>
    Array.isArray(one) && one.every((line) => typeof line === 'string') ? one.join('\n') : one;
  const known: Record<string, unknown> = { file, ...(isObject(value) ? renamed(value) : { file: value }) };
  const { search, replace, content, file: named, diff } = known;
  // A server that asks for every key of a form gets empty ones.
  const isWhole = search === '' && Boolean(content || replace);
  const members = {
    file: named ?? onlyPlace(typeof search === 'string' ? search : '', shown) ?? undefined,
    ...(!isWhole && { search, replace }),
    content: isWhole ? content || replace : search && content === '' ? undefined : content,
    diff,
  };
  const given = Object.entries(members).flatMap(([key, one]) => (one == null ? [] : [[key, lines(one)]]));
  return { edit: Object.fromEntries(given) as Record<string, unknown>, isWhole };
}

/** Why it is not; null if it is. */
function jsonFault(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return toLine((error as Error).message, 100);
  }
}
