import { asCode } from '../failure-text.ts';
import type { IterationSnapshot } from '../machine.ts';

/** Tells the iteration in the Temporal UI, as Markdown. */
export function storyOf(snapshot: IterationSnapshot): string {
  const { value, context } = snapshot;
  const { attempts, hypothesis, candidates, reason, detail, verdict } = context;
  const lost = lostHostText(snapshot);
  return [
    `**${value}**${attempts > 1 ? ` (repair ${attempts - 1})` : ''}`,
    hypothesis && `Hypothesis: ${asCode(hypothesis.title)}`,
    candidates.length > 0 && `Candidates: ${candidates.map(({ title }) => asCode(title)).join(', ')}`,
    lost && asCode(lost),
    reason && value !== 'committed' && `${reason}: ${asCode(detail)}`,
    verdict && `Verdict: ${verdict.verdict} after ${verdict.pairs} pairs; ${verdict.reported.text}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Tells which host was lost and where the iteration goes on; null if none was. */
export function lostHostText({ value, status, context: { lost, collected } }: IterationSnapshot): string | null {
  if (!lost) return null;
  const next = collected
    ? `started again on ${collected.queue}`
    : value === 'collect'
      ? 'starts again on another worker'
      : 'rolls back on another worker';
  const before = lost.replace(/^host lost: /, '');
  return status === 'done' && !collected ? `host lost (${before})` : `host lost: ${next} (${before})`;
}
