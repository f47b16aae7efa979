import { gain, intervalText } from '../verdict/gain.ts';
import type { Hypothesis } from '../proposal/hypothesis.ts';
import type { RecordedVerdict } from './record.ts';
import { clean, oneLine } from '../text.ts';

/** The message of an accepted commit: one clean subject, the rationale, trailers with the evidence. */
export function commitMessage(facts: {
  hypothesis: Hypothesis;
  verdict: RecordedVerdict;
  unit: string;
  loopId: string;
  iteration: number;
  model: string;
}): string {
  const { hypothesis, verdict, unit, loopId, iteration, model } = facts;
  const trailers = [
    `Improvement: ${gain(verdict.reportedRatio ?? verdict.estimate, verdict.better)} (${oneLine(unit, 16)})`,
    `Interval: ${intervalText(verdict.interval, verdict.better)} (95 %)`,
    `Pairs: ${verdict.pairs}`,
    `Loop: ${loopId}`,
    `Iteration: ${iteration}`,
    `Model: ${oneLine(model, 100)}`,
  ];
  // A blank rationale line could end the trailers' paragraph early or forge one: it is kept as one paragraph of its own.
  const rationale = oneLine(clean(hypothesis.rationale ?? '', 2_000), 2_000);
  return `${[oneLine(hypothesis.title, 72) || 'Improve the benchmark', rationale, trailers.join('\n')].filter(Boolean).join('\n\n')}\n`;
}
