import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { LoopResult } from '../../workflows/messages.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import type { TestRepository } from '../support/repository/repository.ts';
import { createTarget, exactRounds, proposals, scriptedSource, targetConfig } from '../support/repository/target.ts';
import { startServer } from '../support/server/temporal.ts';
import { createDataDirectory, startWorkerProcess, type RunningWorker } from '../support/server/worker-process.ts';

const isRoot = process.getuid?.() === 0;

describeWithServer('a worker whose disk is full', () => {
  let server: TestWorkflowEnvironment;
  let outside: ReturnType<typeof createDataDirectory>;
  let data: string;
  let target: TestRepository;
  let worker: RunningWorker | undefined;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.teardown());
  beforeEach(async () => {
    outside = createDataDirectory();
    data = join(outside.path, 'data');
    mkdirSync(data);
    target = await createTarget();
  });
  afterEach(async () => {
    await worker?.stop();
    if (isRoot) execFileSync('umount', [data]);
    outside.remove();
    await target.remove();
  });

  it.skipIf(!isRoot)(
    'waits until there is room, and nothing is lost or torn (needs root: mounts a small disk)',
    async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', data]);
      chmodSync(data, 0o755);
      const { command } = scriptedSource(outside.path, [proposals.faster, proposals.fasterStill]);
      const [filler, filled] = [join(data, 'filler'), join(outside.path, 'filled')];
      const script = join(outside.path, 'fill.sh');
      // The first answer finds no room: the source has used it up.
      writeFileSync(
        script,
        `if [ ! -e ${filled} ]; then touch ${filled}; cat /dev/zero >${filler} 2>/dev/null; fi\nexec "$@"\n`,
      );
      const settings = {
        repositories: [target.path],
        commandSources: { script: { command: ['/bin/sh', script, ...command] } },
        minimumFreeMiB: 8,
      };
      worker = await startWorkerProcess(server.address, data, settings);
      const args = [targetConfig(target.path, { iterations: 2, profile: 'none', benchmark: exactRounds })];
      const handle = await server.client.workflow.start('karpathyLoop', {
        workflowId: 'full',
        taskQueue: 'karpathy-loop',
        args,
      });
      const details = await untilWaiting(server, 'full/iter-1');
      expect(details).toMatchObject({ waitingFor: 'disk', path: data, freeMiB: 0, neededMiB: 8 });
      expect(existsSync(join(data, 'loops/full/iterations/1/answer-0.json'))).toBe(false);
      rmSync(filler);

      expect(await handle.result()).toMatchObject({
        committed: 2,
        failed: 0,
        rolledBack: 0,
        iteration: 2,
      } satisfies Partial<LoopResult>);
      expect(await target.git('rev-list', '--count', 'HEAD..karpathy-loop/full')).toBe('2');
      await target.git('fsck', '--strict');
      const log = readFileSync(join(data, 'worker.log'), 'utf8').trim().split('\n');
      const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.filter(({ message }) => message === 'waiting for room on the disk')).toHaveLength(1);
      expect(lines.find(({ errorType }) => errorType === 'DiskFull')).toMatchObject({
        loopId: 'full',
        iteration: 1,
        step: 'hypothesize',
        attempt: 1,
      });
    },
  );

  it.skipIf(!isRoot)('lets a loop that waits be stopped, and its iteration be rolled back (needs root)', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', data]);
    chmodSync(data, 0o755);
    const { command } = scriptedSource(outside.path, [proposals.faster]);
    const settings = { repositories: [target.path], commandSources: { script: { command } }, minimumFreeMiB: 8 };
    worker = await startWorkerProcess(server.address, data, settings);
    // Less than a step wants to begin with, more than the end of an iteration needs.
    execFileSync('fallocate', ['-l', '92M', join(data, 'filler')]);
    const args = [targetConfig(target.path, { profile: 'none' })];
    const handle = await server.client.workflow.start('karpathyLoop', {
      workflowId: 'stopped',
      taskQueue: 'karpathy-loop',
      args,
    });
    expect(await untilWaiting(server, 'stopped')).toMatchObject({ waitingFor: 'disk' });
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('cancelled');
    expect(await target.git('for-each-ref', 'refs/karpathy-loop')).toBe('');
  });
});

/** What the waiting activity of a workflow shows in its heartbeats. */
async function untilWaiting({ client }: TestWorkflowEnvironment, workflowId: string): Promise<unknown> {
  for (;;) {
    const pending = await client.workflow
      .getHandle(workflowId)
      .describe()
      .then(
        ({ raw }) => raw.pendingActivities ?? [],
        () => [],
      );
    for (const { heartbeatDetails } of pending) {
      const [payload] = heartbeatDetails?.payloads ?? [];
      if (payload?.data?.length) return JSON.parse(Buffer.from(payload.data).toString()) as unknown;
    }
    await sleep(100);
  }
}
