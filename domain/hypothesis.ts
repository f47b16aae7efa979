import { z } from 'zod';
import { explain, type Parsed } from './problem.ts';

const file = z.string().min(1).max(400);
const editSchema = z.union([
  z.strictObject({ file, search: z.string().min(1).max(20_000), replace: z.string().max(20_000) }),
  z.strictObject({ file, content: z.string().max(60_000) }),
]);

export const hypothesisSchema = z
  .strictObject({
    title: z.string().min(1).max(200),
    rationale: z.string().max(4_000).optional(),
    edits: z.array(editSchema).min(1).max(20),
  })
  .meta({ title: 'Hypothesis', description: 'One proposed change: what a model or a command source returns.' });

/** One change of one file: `search` must match exactly once, or `content` replaces the file. */
export type Edit = z.infer<typeof editSchema>;

/** One proposed change. */
export type Hypothesis = z.infer<typeof hypothesisSchema>;

/** Largest hypothesis as JSON, in characters: it crosses the workflow boundary. */
const maxHypothesisLength = 64_000;

/** Reads an answer as a hypothesis. Text round the JSON object (a code fence, say) is ignored. Never throws. */
export function parseHypothesis(text: string): Parsed<Hypothesis> {
  const json = outermostObject(text);
  if (json === undefined) return { ok: false, problems: ['answer: has no JSON object; print one hypothesis {"title", "edits": […]}'] };
  if (json.length > maxHypothesisLength) return { ok: false, problems: [`answer: has ${json.length} characters; at most ${maxHypothesisLength} are taken`] };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { ok: false, problems: [`answer: is not JSON (${(error as Error).message}); print one hypothesis {"title", "edits": […]}`] };
  }
  const parsed = hypothesisSchema.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problems: explain(parsed.error, hypothesisSchema) };
}

function outermostObject(text: string): string | undefined {
  const [start, end] = [text.indexOf('{'), text.lastIndexOf('}')];
  return start >= 0 && end > start ? text.slice(start, end + 1) : undefined;
}
