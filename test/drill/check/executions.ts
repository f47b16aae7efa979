import { existsSync, readFileSync } from 'node:fs';
import type { Step } from '../points.ts';

/** A worker's notes on disk: one when an activity's work starts, one when it has ended well and is not reported yet. */
export interface Execution {
  /** Epoch, ms. */
  at: number;
  event: 'start' | 'done';
  step: Step;
  loopId: string;
  iteration: number;
  workflowId: string;
  runId: string;
  activityId: string;
  attempt: number;
}

/** The values of a file of one JSON object a line; a torn last line is left out. */
export function readLines<T>(file: string): T[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}
