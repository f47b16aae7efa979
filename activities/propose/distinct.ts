import type { Screened } from '../../domain/ledger/screened.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { IterationRef } from '../../domain/steps.ts';
import { toLine } from '../../domain/text.ts';
import type { StepContext } from '../loop/context.ts';
import { findEqual } from '../record/equal.ts';
import { editedTree } from '../edits/apply-hypothesis.ts';
import { programOf } from '../trees/program.ts';

/** Bytes of hypotheses as JSON that one answer of a step holds: they cross the workflow's boundary together. */
const maxBytes = 256 * 1024;

/**
 * Leaves out hypotheses whose program was there already, and those too many bytes. Keeps at least one.
 */
export async function distinct(
  context: StepContext,
  ref: IterationRef,
  hypotheses: readonly Hypothesis[],
): Promise<{ kept: Hypothesis[]; fallen: Screened[] }> {
  const [kept, fallen] = [[] as Hypothesis[], [] as Screened[]];
  const programs = new Map<string, string>();
  let bytes = 0;
  for (const hypothesis of hypotheses) {
    const began = performance.now();
    const edited = await editedTree(context.loop, ref.champion, hypothesis);
    const program = edited.ok ? await programOf(context.loop, edited.tree) : null;
    const other = program && programs.get(program);
    const size = Buffer.byteLength(JSON.stringify(hypothesis));
    const problem =
      (other && `same program as ${JSON.stringify(other)}, drawn in this iteration`) ??
      (edited.ok ? await findEqual(context, ref, edited.tree) : null) ??
      (bytes + size > maxBytes ? `the hypotheses have more than ${maxBytes} bytes together` : null);
    if (program) programs.set(program, hypothesis.title);
    if (problem === null) {
      kept.push(hypothesis);
      bytes += size;
      continue;
    }
    const seconds = Math.round(performance.now() - began) / 1000;
    const facts = { title: toLine(hypothesis.title), where: 'duplicate', seconds } as const;
    fallen.push({ ...facts, detail: toLine(problem, 400) });
  }
  if (kept.length > 0) return { kept, fallen };
  // The step after this one says what it equals.
  return { kept: hypotheses.slice(0, 1), fallen: fallen.slice(1) };
}
