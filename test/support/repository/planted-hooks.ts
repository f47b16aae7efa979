import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TestRepository } from './repository.ts';

const hooks = [
  ...[
    'applypatch-msg',
    'pre-applypatch',
    'post-applypatch',
    'pre-commit',
    'pre-merge-commit',
    'prepare-commit-msg',
    'commit-msg',
    'post-commit',
    'pre-rebase',
  ],
  ...[
    'post-checkout',
    'post-merge',
    'pre-push',
    'pre-receive',
    'update',
    'proc-receive',
    'post-receive',
    'post-update',
    'reference-transaction',
  ],
  ...['push-to-checkout', 'pre-auto-gc', 'post-rewrite', 'fsmonitor-watchman', 'post-index-change'],
];

/** Hooks of every kind, in the usual place and by core.hooksPath, and a file monitor; each leaves a file. Returns how to see which ran. */
export async function plantHooks(target: TestRepository): Promise<() => Promise<string[]>> {
  const marks = join(target.path, '.git', 'hook-marks');
  await mkdir(marks);
  await chmod(marks, 0o777);
  const configured = join(target.path, '.git', 'more-hooks');
  await mkdir(configured);
  for (const directory of [join(target.path, '.git', 'hooks'), configured]) {
    await mkdir(directory, { recursive: true });
    for (const hook of hooks) await writeExecutable(join(directory, hook), join(marks, hook));
  }
  const monitor = join(target.path, '.git', 'monitor');
  await writeExecutable(monitor, join(marks, 'monitor'));
  const settings = [
    'core.hooksPath .git/more-hooks',
    `core.fsmonitor ${monitor}`,
    'core.logAllRefUpdates always',
    'gc.auto 1',
  ];
  for (const setting of settings) await target.git('config', ...setting.split(' '));
  const ran = () => readdir(marks);
  // The trap works: a person's git springs it.
  await target.git('update-ref', 'refs/test/trap', 'HEAD');
  await target.git('status');
  expect(await ran()).toEqual(expect.arrayContaining(['monitor', 'reference-transaction']));
  for (const mark of await ran()) await rm(join(marks, mark));
  return ran;
}

async function writeExecutable(file: string, mark: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\ntouch ${mark}\n`);
  await chmod(file, 0o755);
}
