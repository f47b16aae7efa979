import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from './bring.mjs';
import { runInForeground } from './foreground.mjs';
import { root } from './paths.mjs';
import { setup } from './setup.mjs';

/*
 * `npm test`: set-up, then every test; arguments go to vitest. The closing line is printed here and not in vitest's process,
 * so that it is the last one and there also when that process breaks down.
 */
await main(async () => {
  await setup();
  const directory = mkdtempSync(join(tmpdir(), 'karpathy-loop-test-'));
  try {
    const file = join(directory, 'tally.json');
    const code = await runVitest(file, process.argv.slice(2));
    const tally = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 1, skipped: [] };
    // Vitest also fails without a failed test, when no file matches for instance.
    process.exitCode = code !== 0 ? code : tally.failed > 0 ? 1 : 0;
    close(tally);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

function runVitest(file, args) {
  const reporters = ['--reporter=default', `--reporter=${join(root, 'test', 'support', 'closing-line.ts')}`];
  const env = { ...process.env, KARPATHY_LOOP_TALLY: file };
  return runInForeground([join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters, ...args], {
    cwd: root,
    env,
  });
}

function close({ passed, failed, skipped }) {
  for (const title of skipped) console.log(`skipped: ${title}`);
  console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
}
