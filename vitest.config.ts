import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// A loop that runs on this machine must not starve the suites, nor they it.
process.env.KARPATHY_LOOP_LOCK ??= join(tmpdir(), `karpathy-loop-test-${process.pid}.lock`);

const rooms = {
  // `npm test`: some files at a time, since no test depends on a time.
  quick: ['domain', 'store', 'adapters', 'ledger', 'workflows', 'activities', 'worker', 'client', 'scripts', 'house'],
  // `npm run test:long`: one file at a time, since each loads the whole machine.
  long: ['e2e', 'corpus'],
};
const { KARPATHY_LOOP_ROOMS: chosen } = process.env;
const startWorkers = ['store', 'workflows', 'worker', 'client', ...rooms.long];
/** One more than there are cores: much is waited for. */
const maxWorkers = Math.min(availableParallelism() + 1, 6);

/** Only a hang ends a test: a busy machine takes as long as it takes. */
const timeouts = { testTimeout: 600_000, hookTimeout: 600_000, expect: { poll: { timeout: 300_000 } } };

export default defineConfig({
  test: {
    projects: Object.entries(rooms).flatMap(([kind, names]) =>
      names
        .filter(() => chosen === undefined || chosen === kind)
        .map((name) => ({
          test: {
            ...{ name, include: [`test/${name}/**/*.test.ts`], ...timeouts },
            ...(kind === 'long' ? { maxWorkers: 1, sequence: { groupOrder: 1 } } : { maxWorkers }),
            setupFiles: 'test/support/lock-per-worker.ts',
            ...(startWorkers.includes(name) && { globalSetup: 'test/support/server/bundle-workflows.ts' }),
          },
        })),
    ),
  },
});
