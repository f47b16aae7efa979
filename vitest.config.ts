import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// A loop that runs on this machine must not starve the suites, nor they it.
process.env.KARPATHY_LOOP_LOCK ??= join(tmpdir(), `karpathy-loop-test-${process.pid}.lock`);

const rooms = {
  // `npm test`: some files at a time, since no test depends on a time.
  quick: ['domain', 'store', 'adapters', 'ledger', 'workflows', 'activities', 'worker', 'client', 'scripts', 'house'],
  // `npm run test:long`: loops wait much, and each file has a lock and a server of its own.
  long: ['e2e', 'corpus'],
};
const { KARPATHY_LOOP_ROOMS: chosen } = process.env;
const startWorkers = ['store', 'workflows', 'worker', 'client', ...rooms.long];
/** Rooms with files that are named so, which `npm run test:long` takes too. */
const long = '.long.test.ts';
const roomsWithLong = ['adapters', 'activities', 'client', 'house', 'store', 'workflows', 'worker'];
/** One more than there are cores: much is waited for. */
const maxWorkers = Math.min(availableParallelism() + 1, 6);

/** Only a hang ends a test: a busy machine takes as long as it takes. */
const timeouts = { testTimeout: 600_000, hookTimeout: 600_000, expect: { poll: { timeout: 300_000 } } };

export default defineConfig({
  test: {
    projects: [
      ...named('quick').map((name) => ({ test: { ...project(name), exclude: [`**/*${long}`], maxWorkers } })),
      ...(chosen === 'quick' ? [] : roomsWithLong).map((room) => ({
        test: { ...project(room), name: `${room}-long`, include: [`test/${room}/**/*${long}`], maxWorkers },
      })),
      ...named('long').map((name) => ({ test: { ...project(name), maxWorkers, sequence: { groupOrder: 1 } } })),
    ],
  },
});

function named(kind: keyof typeof rooms): string[] {
  return chosen === undefined || chosen === kind ? rooms[kind] : [];
}

function project(name: string) {
  return {
    ...{ name, include: [`test/${name}/**/*.test.ts`], ...timeouts },
    setupFiles: 'test/support/lock-per-worker.ts',
    ...(startWorkers.includes(name) && { globalSetup: 'test/support/server/bundle-workflows.ts' }),
  };
}
