import { defineConfig } from 'vitest/config';

/** The named subset that a loop on this repository runs. Without projects, whose names hide those of the tests from the loop. */
export default defineConfig({
  test: {
    include: ['domain/profiles', 'domain/ledger', 'domain/proposal', 'client/terminal'].map(
      (room) => `test/${room}/**/*.test.ts`,
    ),
    // Minutes of made-up answers; what reads answers may not be changed.
    exclude: ['**/answers/**'],
    // A longer name is not read by the loop, and all must be.
    testNamePattern: /^(?!.{250})/,
    testTimeout: 600_000,
  },
});
