import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// A loop that runs on this machine must not starve the suites, nor they it.
process.env.KARPATHY_LOOP_LOCK ??= join(tmpdir(), `karpathy-loop-test-${process.pid}.lock`);

const rooms = [
  ...['domain', 'store', 'adapters', 'ledger', 'workflows', 'activities', 'worker', 'client'],
  ...['scripts', 'house', 'e2e', 'corpus'],
];

export default defineConfig({
  test: {
    projects: rooms.map((room) => ({
      test: { name: room, include: [`test/${room}/**/*.test.ts`], testTimeout: 240_000, hookTimeout: 300_000 },
    })),
  },
});
