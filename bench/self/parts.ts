import { brief } from './brief.ts';
import { edits } from './edits.ts';
import { ledger } from './ledger.ts';
import { profiles } from './profiles.ts';
import { startUp } from './start-up.ts';

export interface Part {
  /** One answer for each input. */
  run: () => unknown[];
  /** How often it is done where it is measured: once more before, as a warm-up. */
  repeats: number;
  /** CPU time so far, in ms; left out: this process's own. */
  clock?: () => number;
}

/** Make a part's inputs of a seed. */
export const parts: Record<string, (random: () => number) => Part | Promise<Part>> = {
  brief,
  edits,
  ledger,
  profiles,
  'start-up': startUp,
};

/** CPU time of this process, in ms. */
export function ownClock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
