import { defineConfig } from 'vitest/config';

/** The tests that a loop on the words of a question runs. Without projects, whose names hide those of the tests from the loop. */
export default defineConfig({
  test: {
    include: ['budget', 'patterns', 'prompt', 'wording'].map((name) => `test/domain/proposal/${name}.test.ts`),
    testTimeout: 600_000,
  },
});
