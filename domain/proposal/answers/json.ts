import { jsonObjects } from './json-objects.ts';
import type { Fence } from './fences.ts';
import type { ParseResult } from '../../config/problems.ts';
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
/** Other names that models give to the same thing. */
const names: readonly [string, readonly string[]][] = [
  ['file', ['path', 'filename', 'file_path', 'filePath']],
  ['search', ['old', 'find', 'before', 'original', 'old_string', 'old_str', 'oldText', 'old_text']],
  ['replace', ['new', 'replacement', 'after', 'updated', 'new_string', 'new_str', 'newText', 'new_text']],
  ['content', ['new_content', 'newContent']],
  ['rationale', ['reason', 'explanation', 'why']],
];

/** Reads a hypothesis as JSON; keys that nobody knows are passed over. Null: the answer is in another form. */
export function readJson(text: string, fences: readonly Fence[]): ParseResult<Draft> | null {
  const starts = (part: string) => /^\s*[[{]/.test(part);
  const inFences = fences.filter(
    ({ info, code }) => /^json/i.test(info) || (starts(code) && /["']edits["']/.test(code)),
  );
  const whole = starts(text) || fences.length === 0 ? text : inFences.map(({ code }) => code).join('\n');
  if (!whole.includes('{')) return null;
  const found = jsonObjects(whole).map((one) => ({ ...one, value: unwrapped(one.value) }));
  const hypotheses = unique(found.filter(({ value }) => 'edits' in value || ('title' in value && isEdit(value))));
  if (hypotheses.length > 1) return refuse(`has ${hypotheses.length} hypotheses; print one`);
  const twice = hypotheses[0]?.twice;
  if (twice) return refuse(`has the key ${JSON.stringify(toLine(twice, 40))} twice in one object; give each key once`);
  if (hypotheses[0]) return { ok: true, value: toDraft(hypotheses[0].value) };
  const edits = found.filter(({ value, isDoubtful }) => !isDoubtful && isEdit(value));
  if (edits.length > 0) return { ok: true, value: toDraft({ edits: edits.map(({ value }) => value) }) };
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

/** The object itself, or the one in it that has the edits. */
function unwrapped(value: Record<string, unknown>): Record<string, unknown> {
  if ('edits' in value) return renamed(value);
  const inner = Object.values(value).find((one) => isObject(one) && 'edits' in one);
  return renamed(isObject(inner) ? inner : value);
}

function renamed(value: Record<string, unknown>): Record<string, unknown> {
  const known: Record<string, unknown> = { ...value };
  for (const [name, others] of names) known[name] ??= others.map((other) => value[other]).find((one) => one != null);
  return Object.fromEntries(Object.entries(known).filter(([, one]) => one != null));
}

function isEdit(value: Record<string, unknown>): boolean {
  return typeof value['file'] === 'string' && ('replace' in value || 'content' in value);
}

function unique<T extends { value: object }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one.value), one])).values()];
}

function toDraft(value: Record<string, unknown>): Draft {
  const { title, rationale, target, edits = [value] } = value;
  const list: unknown[] = Array.isArray(edits) ? edits : [edits];
  const text = (one: unknown) =>
    Array.isArray(one) && one.every((line) => typeof line === 'string') ? one.join('\n') : one;
  return {
    title: typeof title === 'string' ? title : null,
    rationale: typeof rationale === 'string' ? rationale : null,
    ...(typeof target === 'string' && { target }),
    edits: list.map((one) => {
      if (!isObject(one)) return { file: one };
      const edit = renamed(one);
      const kept = ['file', 'search', 'replace', 'content'].filter((key) => key in edit);
      return Object.fromEntries(kept.map((key) => [key, text(edit[key])]));
    }),
  };
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
