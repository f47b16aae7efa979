import { defineConfig } from 'vitest/config';

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
