import { existsSync } from 'node:fs';
import { describe } from 'vitest';
import { temporalBinary } from './temporal.ts';

/** `describe` for what needs the server; its title says what to run where that is missing. */
export function describeWithServer(title: string, tests: () => void): void {
  const missing = !existsSync(temporalBinary);
  describe.skipIf(missing)(missing ? `${title} (no Temporal server: run node scripts/setup.mjs)` : title, tests);
}
