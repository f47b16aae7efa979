import { metricMeter } from '@temporalio/activity';

/** Buckets for histograms of seconds, from a quick look into git to a benchmark of an hour. */
const secondsBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];

const names = {
  iterations: 'karpathy_loop_iterations',
  stepSeconds: 'karpathy_loop_step_seconds',
  pairs: 'karpathy_loop_pairs',
  tokens: 'karpathy_loop_tokens',
  modelSeconds: 'karpathy_loop_model_answer_seconds',
  lockSeconds: 'karpathy_loop_machine_lock_wait_seconds',
  diskWaits: 'karpathy_loop_disk_waits',
} as const;

/** Bucket boundaries by metric, for whoever exports them. */
export const metricBuckets: Record<string, number[]> = Object.fromEntries(
  [names.stepSeconds, names.modelSeconds, names.lockSeconds].map((name) => [name, secondsBuckets]),
);

/** Counts the end of a step, and what its answer tells of the loop. */
export function countStep(step: string, result: string, seconds: number, answer: object | null): void {
  const description = 'Time that an attempt of a step took, by step and result.';
  histogram(names.stepSeconds, description).record(seconds, { step, result });
  if (!answer) return;
  const { kind, outcome, reason, tokens, verdict } = answer as Record<string, unknown>;
  if (step === 'commit' && kind === 'committed') countIteration('committed', null);
  if (step === 'rollback') countIteration(String(outcome), reason);
  if (step === 'hypothesize')
    counter(names.tokens, 'Tokens of questions to models and of their answers.').add(Number(tokens));
  const pairs = step === 'benchmark' && (verdict as { pairs?: unknown } | undefined)?.pairs;
  if (typeof pairs === 'number')
    counter(names.pairs, 'Pairs of champion and candidate that verdicts were reached on.').add(pairs);
}

export function countDiskWait(step: string): void {
  counter(names.diskWaits, 'Times that a step began to wait for room on the disk.').add(1, { step });
}

export function countLockWait(seconds: number): void {
  const description = 'Wait for the machine-wide lock, which keeps measurements from disturbing each other.';
  histogram(names.lockSeconds, description).record(seconds);
}

export function countModelAnswer(seconds: number): void {
  const description = 'Time from a question to a model, or to a command source, to its answer.';
  histogram(names.modelSeconds, description).record(seconds);
}

function countIteration(outcome: string, reason: unknown): void {
  const meter = counter(names.iterations, 'Iterations that ended on this worker, by outcome and reason.');
  meter.add(1, { outcome, reason: typeof reason === 'string' ? reason : 'none' });
}

function counter(name: string, description: string) {
  return metricMeter.createCounter(name, undefined, description);
}

function histogram(name: string, description: string) {
  return metricMeter.createHistogram(name, 'float', 's', description);
}
