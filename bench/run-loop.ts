import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { IterationRecord } from '../domain/ledger/record.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Makes a repository of one commit of what `fill` puts into a directory, for as long as `use` lasts. */
export async function withRepository<T>(
  fill: (repository: string) => void | Promise<void>,
  use: (repository: string, scratch: string) => Promise<T>,
): Promise<T> {
  const scratch = mkdtempSync('/var/tmp/karpathy-loop-bench-');
  try {
    const repository = join(scratch, 'repository');
    await fill(repository);
    const git = (...args: string[]) =>
      execa('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], { cwd: repository });
    await git('init', '-q');
    await git('add', '-A');
    // One that is a repository already keeps its own commit below.
    await git('commit', '--allow-empty', '-qm', 'Begin');
    return await use(repository, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs one loop as a person would, with a server and data of its own, and returns its records. */
export async function runLoop(
  repository: string,
  scratch: string,
  flags: readonly string[],
): Promise<IterationRecord[]> {
  const words = [
    join(root, 'client/karpathy-loop.mjs'),
    'run',
    repository,
    '--json',
    '--data',
    join(scratch, 'data'),
    ...flags,
  ];
  const { stdout } = await execa(process.execPath, words);
  // The last event is the report.
  return (JSON.parse(stdout.split('\n').at(-1)!) as { records: IterationRecord[] }).records;
}
