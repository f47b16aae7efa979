import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call } from '../../support/command-line.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { createTarget, exactRounds, proposals, scriptedSource, targetConfig } from '../../support/repository/target.ts';
import { startServer } from '../../support/server/temporal.ts';
import { createDataDirectory, startWorkerProcess, type RunningWorker } from '../../support/server/worker-process.ts';

describeWithServer('clean', () => {
  let server: TestWorkflowEnvironment;
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let worker: RunningWorker | undefined;
  const clean = (...args: string[]) => call(['clean', ...args, '--address', server.address, '--data', data.path]);
  const loopRefs = () =>
    target.git('for-each-ref', '--format=%(refname)', 'refs/karpathy-loop', 'refs/heads/karpathy-loop');

  beforeAll(async () => {
    server = await startServer();
    data = createDataDirectory();
    target = await createTarget();
    const { command } = scriptedSource(data.path, [proposals.faster]);
    worker = await startWorkerProcess(server.address, data.path, {
      repositories: [target.path],
      commandSources: { script: { command } },
    });
    const args = [targetConfig(target.path, { profile: 'none', benchmark: exactRounds })];
    await server.client.workflow.execute('karpathyLoop', { workflowId: 'ended', taskQueue: 'karpathy-loop', args });
    await server.client.workflow.start('karpathyLoop', { workflowId: 'open', taskQueue: 'nobody', args });
  });
  afterAll(async () => {
    await worker?.stop();
    await target.remove();
    data.remove();
    await server.teardown();
  });

  it('refuses an open loop, and one that nobody knows', async () => {
    expect(await clean('open')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('loop: "open" is open; type "npx karpathy-loop stop open"') as string,
    });
    expect(await clean('never')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/neither this server nor .* knows "never"/) as string,
    });
  });

  it('removes the files of an ended loop and leaves the repository alone; clones go when no worker runs', async () => {
    const before = await target.snapshot();
    const first = await clean('ended', '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const { removed, kept } = JSON.parse(first.stdout) as { removed: string[]; kept: string[] };
    expect(removed).toContain(join(data.path, 'loops', 'ended'));
    expect(removed.filter((what) => what.startsWith('refs/karpathy-loop/ended/'))).toHaveLength(2);
    expect(kept).toEqual([expect.stringContaining('a worker runs on this data directory')]);
    expect(existsSync(join(data.path, 'loops', 'ended'))).toBe(false);
    await worker!.stop();
    expect((await clean('ended')).stdout).toMatch(/^removed .*\/clones\/.*\.git\n$/);
    expect(await target.snapshot()).toEqual(before);
  });

  it('removes refs of the repository only where it is told to, and the results branch only by its own flag', async () => {
    expect(await loopRefs()).toBe('refs/heads/karpathy-loop/ended\nrefs/karpathy-loop/ended/ledger');
    const both = await clean('ended', '--refs', '--branch', '--repository', target.path);
    expect(both).toMatchObject({ code: 0, stderr: '' });
    expect(await loopRefs()).toBe('');
  });
});
