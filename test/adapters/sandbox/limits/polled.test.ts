import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../../adapters/sandbox/create.ts';
import { findOnPath } from '../../../../adapters/sandbox/tools.ts';
import type { Sandbox } from '../../../../adapters/sandbox/contract.ts';
import { hasBubblewrap, makeDirectory, makeTree, profileIn, requestOf, withBubblewrap } from '../request.ts';
import { hasPython } from '../variants.ts';

describe.skipIf(!hasBubblewrap)(withBubblewrap('a run that is polled'), () => {
  let sandbox: Sandbox;
  const tree = makeTree();
  const run = (command: string, changes: Parameters<typeof requestOf>[2] = {}) =>
    sandbox.run(requestOf(command, tree, changes));
  beforeAll(async () => {
    sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory(), cgroup: false });
  });

  it('says so, and passes its own self-test', async () => {
    expect(sandbox).toMatchObject({ kind: 'bubblewrap', limitsLayer: 'polled' });
    expect(await sandbox.selfTest(['node'])).toEqual([]);
    expect(await run('true')).toMatchObject({
      status: 'ok',
      limitsLayer: 'polled',
      cpuSource: 'rusage',
      peakBytes: null,
    });
  });

  it('has the processes that it may have, however long', async () => {
    const result = await run('n=0; while [ $n -lt 31 ]; do sleep 1 & n=$((n + 1)); done; wait; echo all', {
      limits: { processes: 32 },
    });
    expect(result).toMatchObject({ status: 'ok', stdout: 'all\n' });
  });

  it('has the memory that it may have, and what processes share counts once', async () => {
    const shared = 'const kept = Buffer.alloc(160 << 20, 1); setTimeout(() => kept, 1000)';
    expect(await run(`node -e "${shared}"`, { limits: { memoryMiB: 256 } })).toMatchObject({ status: 'ok' });
    // A fork shares all of its parent's memory until it writes.
    const forks =
      'import os, time; kept = bytes(160 << 20); [os.fork() or (time.sleep(1), os._exit(0)) for _ in range(4)]; time.sleep(1)';
    if (hasPython)
      expect(await run(`python3 -c '${forks}'`, { limits: { memoryMiB: 256 } })).toMatchObject({ status: 'ok' });
    const workers =
      "for (let i = 0; i < 3; i++) new worker_threads.Worker('setTimeout(() => {}, 1000)', { eval: true })";
    expect(await run(`node -e "${workers}"`, { limits: { memoryMiB: 512 } })).toMatchObject({ status: 'ok' });
  });

  it('is not blamed for what others write to the same disk, and is for its own', async () => {
    const [profile, beside] = [makeDirectory(), makeDirectory()];
    const limits = { scratchMiB: 8 };
    const during = run('fallocate -l 4M /profile/x; sleep 1.5', { profile: profileIn(profile), limits });
    spawnSync(findOnPath('fallocate')!, ['-l', '300M', join(beside, 'x')]);
    expect(await during).toMatchObject({ status: 'ok' });
    rmSync(join(beside, 'x'));
    expect(
      await run('for i in $(seq 40); do fallocate -l 8M /profile/$i; done; sleep 60', {
        profile: profileIn(profile),
        limits,
      }),
    ).toMatchObject({
      status: 'disk',
      exitCode: null,
    });
  });
});
