import type { RecordedVerdict } from '../verdict/decision.ts';
import { loopTrailer } from '../names.ts';
import { gain, intervalText } from '../verdict/gain.ts';
import type { Hypothesis } from '../proposal/hypothesis.ts';
import { line, toBlock, toLine, type CleanText } from '../text.ts';

/** The message of an accepted commit: one clean subject, the rationale, trailers with the evidence. */
export function commitMessage(facts: {
  hypothesis: Hypothesis;
  verdict: RecordedVerdict;
  unit: string;
  loopId: string;
  iteration: number;
  model: string;
  /** Set if the benchmark's output was compared in every pair. */
  isChecked: boolean;
}): CleanText {
  const { hypothesis, verdict, unit, loopId, iteration, model, isChecked } = facts;
  const trailers = [
    line`Improvement: ${gain(verdict.reported.ratio, verdict)} (${unit})`,
    `Interval: ${intervalText(verdict.reported.interval, verdict)} (95 %)`,
    `Pairs: ${verdict.pairs} to decide, ${verdict.reported.pairs} for the gain`,
    `${loopTrailer}: ${loopId}`,
    `Iteration: ${iteration}`,
    line`Model: ${model}`,
    `Output: ${isChecked ? 'equal in every pair' : 'unchecked'}`,
  ];
  // One paragraph: a blank line in it could forge a paragraph of trailers.
  const rationale = toLine(hypothesis.rationale ?? '', 2_000);
  const paragraphs = [toLine(hypothesis.title, 72) || 'Improve the benchmark', rationale, trailers.join('\n')];
  return toBlock(`${paragraphs.filter(Boolean).join('\n\n')}\n`);
}

/** The message of a commit that takes a failing champion's code back. */
export function goBackMessage(facts: { to: string; failed: string; loopId: string; iteration: number }): CleanText {
  const { to, failed, loopId, iteration } = facts;
  const fact = `${failed} began to fail after it was committed; this is the code of ${to} again.`;
  const trailers = [`${loopTrailer}: ${loopId}`, `Iteration: ${iteration}`];
  return toBlock(`Go back to ${to.slice(0, 10)}\n\n${fact}\n\n${trailers.join('\n')}\n`);
}

/** The message of a commit that is made anew on another parent, as `git cherry-pick -x` writes it. */
export function pickedMessage(message: string, original: string): CleanText {
  return toBlock(`${message.trimEnd()}\n(cherry picked from commit ${original})\n`, Infinity);
}
