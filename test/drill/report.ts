import type { Finding } from './check/check.ts';
import type { DrillOutcome } from './drill.ts';
import { nameOf } from './points.ts';
import { resumeAfterServer, resumeAfterWorker, type Times } from './resume-times.ts';

/** Report of a drill, for people. */
export function report(outcome: DrillOutcome, finding: Finding): string {
  const { struck, unstruck, loops, executions } = outcome;
  const points = new Set(struck.map(({ kill }) => nameOf(kill)));
  const total = (of: 'committed' | 'rolledBack' | 'failed') =>
    loops.reduce((sum, { result }) => sum + (result?.[of] ?? 0), 0);
  const stops = struck.filter(({ kill }) => kill.victim === 'stop').length;
  return [
    `${loops.length} loops, ${struck.length - stops} kills and ${stops} stops at ${points.size} points; ${unstruck.length} of the plan did not come to pass`,
    table(countBy(struck.map(({ kill }) => kill.victim))),
    `${finding.records} iterations: ${total('committed')} committed, ${total('rolledBack')} rolled back, ${total('failed')} failed; ${finding.commits} commits`,
    `${executions.filter(({ event }) => event === 'start').length} activity starts, ${finding.repeatedAttempts} of them again after a kill; ${finding.repeatedCalls} calls of a model repeated; ${finding.observations} states of refs seen`,
    `resumed after the kill of a worker ${times(resumeAfterWorker(outcome))}; after a killed server was back ${times(resumeAfterServer(outcome))}`,
    `${finding.violations.length} violations`,
    ...finding.violations.map((violation) => `  ${violation}`),
  ].join('\n');
}

function times({ count, median, max }: Times): string {
  return count === 0 ? '(none)' : `in ${median.toFixed(1)} s at the median, ${max.toFixed(1)} s at most (of ${count})`;
}

function countBy(names: readonly string[]): [string, number][] {
  return [...new Set(names)].sort().map((name) => [name, names.filter((one) => one === name).length]);
}

function table(counts: readonly [string, number][]): string {
  return `struck: ${counts.map(([name, count]) => `${name} ${count}`).join(', ')}`;
}
