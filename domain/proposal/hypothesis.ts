import { z } from 'zod';
import { jsonObjects } from './json-objects.ts';
import { parseBy, type ParseResult } from '../config/problems.ts';
import { toBlock, toLine } from '../text.ts';

const file = z.string().min(1).max(400);
const editSchema = z.union([
  z.strictObject({ file, search: z.string().min(1).max(20_000), replace: z.string().max(20_000) }),
  z.strictObject({ file, content: z.string().max(60_000) }),
]);

const hypothesisSchema = z
  .strictObject({
    title: z
      .string()
      .min(1)
      .max(200)
      .transform((title) => toLine(title) || toLine('Untitled')),
    rationale: z
      .string()
      .max(4_000)
      .transform((rationale) => toBlock(rationale))
      .optional(),
    /** Code that it was asked about, as `targetName` writes it. */
    target: z
      .string()
      .max(400)
      .transform((target) => toLine(target, 300))
      .optional(),
    edits: z.array(editSchema).min(1).max(20),
  })
  .meta({ title: 'Hypothesis', description: 'One proposed change: what a model or a command source returns.' });

/** One change of one file: `search` must match exactly once, or `content` replaces the file. */
export type Edit = z.infer<typeof editSchema>;

/** One proposed change. */
export type Hypothesis = z.infer<typeof hypothesisSchema>;

/** Largest hypothesis as JSON, in characters: it crosses the workflow boundary. */
const maxHypothesisLength = 64_000;

/** Longest answer that is looked through for one, in characters. */
const maxAnswerLength = 1_000_000;
const form = 'print one hypothesis {"title", "edits": […]}';

/** Reads the one hypothesis of an answer; text round its JSON (a code fence, say) is ignored. Never throws. */
export function parseHypothesis(text: string): ParseResult<Hypothesis> {
  if (text.length > maxAnswerLength)
    return refuse(`has ${text.length} characters; at most ${maxAnswerLength} are read`);
  const objects = jsonObjects(text);
  if (!text.includes('{')) return refuse(`has no JSON object; ${form}`);
  const hypotheses = objects.filter(({ json }) => isHypothesis(json));
  // A complete object inside a broken answer is not the answer.
  const fault = hypotheses.length === 0 ? jsonFault(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) : null;
  if (fault !== null) return refuse(`is not JSON (${fault}); ${form}`);
  if (objects.length === 0) return refuse(`is nested too deeply; ${form}`);
  if (hypotheses.length > 1) return refuse(`has ${hypotheses.length} hypotheses; print one`);
  const { json, twice } = hypotheses[0] ?? objects.sort((a, b) => b.json.length - a.json.length)[0]!;
  if (json.length > maxHypothesisLength)
    return refuse(`has ${json.length} characters; at most ${maxHypothesisLength} are taken`);
  if (twice !== null)
    return refuse(`has the key ${JSON.stringify(toLine(twice, 40))} twice in one object; give each key once`);
  return checkHypothesis(JSON.parse(json));
}

/** Checks what claims to be a hypothesis: its form and its size. Never throws. */
export function checkHypothesis(value: unknown): ParseResult<Hypothesis> {
  const parsed = parseBy(hypothesisSchema, value);
  if (!parsed.ok)
    return { ok: false, problems: parsed.problems.map((problem) => toLine(problem, 300)).slice(0, maxProblems) };
  const { length } = JSON.stringify(parsed.value);
  return length > maxHypothesisLength
    ? refuse(`has ${length} characters; at most ${maxHypothesisLength} are taken`)
    : parsed;
}

/** Lines for one answer. */
const maxProblems = 10;

function refuse(problem: string): { ok: false; problems: string[] } {
  return { ok: false, problems: [`answer: ${problem}`] };
}

function isHypothesis(json: string): boolean {
  const value = JSON.parse(json) as object;
  return Object.hasOwn(value, 'edits') || Object.hasOwn(value, 'title');
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
