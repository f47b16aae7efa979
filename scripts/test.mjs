import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main } from './bring.mjs';
import { runInForeground } from './foreground.mjs';
import { root } from './paths.mjs';
import { setup } from './setup.mjs';

/*
 * `npm test`: set-up, then every test that is not long; with --long those alone. Other arguments go to vitest.
 * Prints the closing line last, even where vitest's process breaks down.
 */
await main(async () => {
  await setup();
  const directory = mkdtempSync(join(tmpdir(), 'karpathy-loop-test-'));
  // Tests as another user wait for the locks in it too.
  chmodSync(directory, 0o755);
  try {
    const file = join(directory, 'tally.json');
    const code = await runVitest(file);
    const tally = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 1, skipped: [] };
    // Vitest also fails without a failed test, when no file matches for instance.
    process.exitCode = code !== 0 ? code : tally.failed > 0 ? 1 : 0;
    close(tally);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

function runVitest(file) {
  const args = process.argv.slice(2).filter((argument) => argument !== '--long');
  const rooms = process.argv.includes('--long') ? 'long' : 'quick';
  const reporters = ['--reporter=default', `--reporter=${join(root, 'test', 'support', 'closing-line.ts')}`];
  const env = {
    ...process.env,
    KARPATHY_LOOP_TALLY: file,
    KARPATHY_LOOP_LOCK: join(dirname(file), 'lock'),
    ...(!args.some((argument) => argument.startsWith('--project')) && { KARPATHY_LOOP_ROOMS: rooms }),
  };
  return runInForeground([join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters, ...args], {
    cwd: root,
    env,
  });
}

function close({ passed, failed, skipped }) {
  for (const title of skipped) console.log(`skipped: ${title}`);
  console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
}
