import { readBlocks, readPairs } from './blocks.ts';
import { readChoice } from './choice.ts';
import { elision, trimmedLines } from './code/elision.ts';
import { readCode, type Parse } from './code/read-code.ts';
import { readDiff } from './diff.ts';
import { splitFences } from './fences.ts';
import { readJson, type Draft } from './json.ts';
import { settleEdits, toEdits, type ReadEdit, type Settled } from './settle.ts';
import { withoutThoughts } from './thoughts.ts';
import { readWords, titleOfEdits } from './words.ts';
import type { ParseResult } from '../../config/problems.ts';
import type { Shown } from '../form.ts';
import { checkHypothesis, type Edit, type Hypothesis } from '../hypothesis.ts';
import { toPlain, withUnixEnds } from '../place.ts';
import { toBlock, toLine } from '../../text.ts';

/** Longest answer that is looked through, in characters. */
const maxAnswerLength = 1_000_000;

/**
 * Reads the one hypothesis of an answer, in whatever form it comes. Refuses what is not certain, with the reason; an edit
 * without a place is left to `apply`.
 */
export async function readAnswer(text: string, shown: Shown, parse: Parse): Promise<ParseResult<Hypothesis>> {
  if (text.length > maxAnswerLength)
    return refuse(`has ${text.length} characters; at most ${maxAnswerLength} are read`);
  const said = withoutThoughts(withUnixEnds(text.replace(/^\ufeff/, '')));
  if (said === null) return refuse('has thoughts and nothing else; think less, and write the change');
  if (said.trim() === '') return refuse('is empty; write the change');
  const draft = await readDraft(/^\s*"[^]*"\s*$/.test(said) ? unquoted(said) : said, shown, parse);
  if (!draft.ok) return draft;
  const { title, rationale, target, edits } = draft.value;
  const rest = {
    ...(rationale !== null && { rationale: toBlock(rationale) }),
    ...(target && { target: toLine(target) }),
  };
  const checked = checkHypothesis({ title: toLine(title ?? '') || 'Untitled', ...rest, edits: edits.map(unmarked) });
  if (!checked.ok) return checked;
  const settled = settleEdits(
    checked.value.edits.map((edit, index) => ({ ...edit, ...marksOf(edits[index]!) })),
    shown,
  );
  const problem = await problemOf(settled, parse);
  if (problem !== null) return refuse(problem);
  const name = toLine(title ?? '') || toLine(titleOfEdits(settled.edits, shown));
  return checkHypothesis({ ...checked.value, title: name, edits: settled.edits });
}

async function readDraft(text: string, shown: Shown, parse: Parse): Promise<ParseResult<Draft>> {
  const choice = readChoice(text, shown);
  if (choice) return choice;
  const blocks = readBlocks(text, shown);
  const marked = splitFences(text);
  const words = () => readWords(marked.prose);
  if (blocks) return blocks.ok ? { ok: true, value: { ...words(), edits: blocks.value } } : blocks;
  const json = /^\s*[[{]/.test(text) ? readJson(text, marked.fences, shown) : null;
  if (json) return json;
  if (marked.isCut) return refuse('ends within a code fence, so that it was cut; write less beside the code');
  const diff = readDiff(text, marked, shown);
  if (diff) return diff.ok ? { ok: true, value: { ...words(), edits: diff.value } } : diff;
  const inFence = readJson(text, marked.fences, shown);
  if (inFence) return inFence;
  const code = await readCode(marked, text, shown, parse);
  const pairs = code?.ok ? null : readPairs(text, shown);
  if (pairs) return pairs.ok ? { ok: true, value: { ...words(), edits: pairs.value } } : pairs;
  if (!code) return refuse(`has no code; ${remedies[shown.form]}`);
  if (!code.ok) return code;
  const contents = new Map(shown.files.map(({ path, content }) => [path, content]));
  const edits = code.value.flatMap(({ file, placements }) => toEdits(file, contents.get(file)!, placements));
  return edits.length > 0 ? { ok: true, value: { ...words(), edits } } : refuse(noChange);
}

const noChange = 'changes nothing: the code is as it was; make a change that matters';
const remedies: Record<Shown['form'], string> = {
  rewrite: 'write the whole function in one code fence',
  blocks: 'write search/replace blocks',
  choice: 'answer {"constant", "value"}',
};

/** Says what is wrong with edits whose places were all found; else null. */
async function problemOf({ files, withoutPlace, isPartial }: Settled, parse: Parse): Promise<string | null> {
  const changed = [...files].filter(([, { before, after }]) => before !== after);
  if (changed.length === 0 && !isPartial) return noChange;
  for (const [path, { before, after }] of changed) {
    const gap = elision(after, trimmedLines(before));
    if (gap !== null) return `leaves out a part of ${path} (${gap}); write all of it, or search/replace edits`;
    if (withoutPlace.has(path) && keepsNothing(before, after))
      return `keeps no line of ${path}; write all of it, or search/replace edits with the lines to replace`;
    const [old, now] = [await parse(toPlain(before).text, path), await parse(toPlain(after).text, path)];
    const lines = new Set(old?.errors.map(({ line }) => line));
    const fresh =
      now && now.errors.length > (old?.errors.length ?? 0)
        ? (now.errors.find(({ line }) => !lines.has(line)) ?? now.errors[0])
        : null;
    if (!fresh) continue;
    const found = toPlain(after).text.split('\n')[fresh.line - 1] ?? '';
    return `makes a syntax error in ${path}, near line ${fresh.line}: ${toLine(found, 120)}; correct it`;
  }
  return null;
}

/** A server or a script may quote the whole answer as JSON. */
function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

function keepsNothing(before: string, after: string): boolean {
  const kept = trimmedLines(after);
  const lines = [...trimmedLines(before)].filter((line) => line.length > 3);
  return lines.length > 0 && !lines.some((line) => kept.has(line));
}

function refuse(problem: string): { ok: false; problems: string[] } {
  return { ok: false, problems: [`answer: ${problem}`] };
}

function marksOf(edit: object): Pick<ReadEdit, 'line' | 'isWithoutPlace'> {
  const { line, isWithoutPlace } = edit as ReadEdit;
  return { ...(line !== undefined && { line }), ...(isWithoutPlace && { isWithoutPlace }) };
}

function unmarked(edit: object): Edit {
  const { line, isWithoutPlace, ...rest } = edit as ReadEdit;
  return rest;
}
