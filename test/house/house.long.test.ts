import { execa } from 'execa';
import { expect, it } from 'vitest';

const rooms = ['domain', 'store', 'adapters', 'ledger', 'workflows', 'activities', 'worker', 'client'];

/** The tools that keep the house; each prints what is wrong where. */
it.each([
  ['strict TypeScript', 'npm', ['run', 'typecheck']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['the import rules of the rooms', 'npm', ['run', 'imports']],
  ['sizes, comments and circles', 'npm', ['run', 'house']],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['no unused code or dependency', 'knip', []],
  ['no export that only tests use, unless marked as @internal', 'knip', ['--production']],
  ['no ten lines shared by two places', 'jscpd', [...rooms, 'scripts', 'bench']],
])('%s', async (_, tool, args) => {
  const { exitCode, all } = await execa(tool, args, { preferLocal: true, reject: false, all: true });
  expect(exitCode, all).toBe(0);
});
