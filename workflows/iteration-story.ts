import { asCode } from './failure-text.ts';
import type { Findings } from './iteration.ts';
import type { IterationSnapshot } from './machine.ts';

/** What the Temporal UI shows of the iteration, as Markdown. */
export function storyOf(snapshot: IterationSnapshot, found: Findings): string {
  const { value, context } = snapshot;
  const { hypothesis, verdict } = found.facts;
  const lost = lostHostText(snapshot, found);
  return [
    `**${value}**${context.attempt > 0 ? ` (repair ${context.attempt})` : ''}`,
    hypothesis && `Hypothesis: ${asCode(hypothesis.title)}`,
    lost && asCode(lost),
    context.reason && value !== 'committed' && `${context.reason}: ${asCode(context.detail)}`,
    verdict && `Verdict: ${verdict.verdict}, ratio ${verdict.estimate.toFixed(3)} after ${verdict.pairs} pairs`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Which host was lost and where the iteration goes on; null where none was. */
export function lostHostText({ value, status }: IterationSnapshot, { lost, collected }: Findings): string | null {
  if (!lost) return null;
  const next = collected
    ? `started again on ${collected.queue}`
    : value === 'collect'
      ? 'starts again on another worker'
      : 'rolls back on another worker';
  const before = lost.detail.replace(/^host lost: /, '');
  return status === 'done' && !collected ? `host lost (${before})` : `host lost: ${next} (${before})`;
}
