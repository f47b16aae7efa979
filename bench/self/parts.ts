export interface Part {
  /** One answer for each input. */
  run: () => unknown[];
  /** How often it is done where it is measured: once more before, as a warm-up. */
  repeats: number;
  /** CPU time so far, in ms; left out: this process's own. */
  clock?: () => number;
}

/** Make a part's inputs of a seed. Each is loaded alone: what starts costs no gain. */
export const parts: Record<string, (random: () => number) => Part | Promise<Part>> = {
  brief: async (random) => (await import('./brief.ts')).brief(random),
  edits: async (random) => (await import('./edits.ts')).edits(random),
  ledger: async (random) => (await import('./ledger.ts')).ledger(random),
  profiles: async (random) => (await import('./profiles.ts')).profiles(random),
  'start-up': async (random) => (await import('./start-up.ts')).startUp(random),
};

/** CPU time of this process, in ms. */
export function ownClock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
