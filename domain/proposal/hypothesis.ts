import { z } from 'zod';
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
