import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { startGitDaemon, type GitDaemon } from '../support/repository/git-daemon.ts';
import { runGit } from '../support/repository/repository.ts';
import { createTarget, exactRounds, proposals, scriptedSource, targetConfig } from '../support/repository/target.ts';
import { startServer } from '../support/server/temporal.ts';
import { createDataDirectory, startWorkerProcess, type RunningWorker } from '../support/server/worker-process.ts';

describeWithServer('a loop on a URL', () => {
  let server: TestWorkflowEnvironment;
  let root: string;
  let bare: string;
  let daemon: GitDaemon;
  let data: ReturnType<typeof createDataDirectory>[];
  let workers: RunningWorker[];

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.teardown());
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'remote-'));
    bare = join(root, 'target.git');
    const target = await createTarget();
    await runGit(root, 'clone', '--quiet', '--bare', target.path, bare);
    await target.remove();
    daemon = await startGitDaemon(root);
    data = [createDataDirectory(), createDataDirectory()];
    workers = [];
  });
  afterEach(async () => {
    for (const worker of workers) await worker.stop();
    await daemon.stop();
    await rm(root, { recursive: true, force: true });
    data.forEach((directory) => directory.remove());
  });

  /** Two workers with nothing in common but the server, and what they may propose. */
  async function startWorkers(repositories: string[]): Promise<void> {
    for (const directory of data) {
      const { command } = scriptedSource(directory.path, [proposals.faster, proposals.broken, proposals.fasterStill]);
      workers.push(
        await startWorkerProcess(server.address, directory.path, {
          repositories,
          commandSources: { script: { command } },
        }),
      );
    }
  }

  it('is carried by two workers without a common directory, and all of it arrives at the remote', async () => {
    const url = daemon.url('target.git');
    await startWorkers([url.replace('target.git', '*')]);
    const options = {
      workflowId: 'shared',
      taskQueue: 'karpathy-loop',
      args: [targetConfig(url, { iterations: 3, benchmark: exactRounds })],
    };
    const result = (await server.client.workflow.execute('karpathyLoop', options)) as LoopResult;
    expect(result).toMatchObject({ committed: 2, rolledBack: 1, failed: 0, iteration: 3, branchPending: null });
    const records = await Promise.all(
      [1, 2, 3].map(
        async (n) =>
          JSON.parse(
            await runGit(bare, 'show', `refs/karpathy-loop/shared/ledger:records/0/${n}.json`),
          ) as IterationRecord,
      ),
    );
    expect(records.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['committed', null],
      ['rolledBack', 'tests-failed'],
      ['committed', null],
    ]);
    expect(await runGit(bare, 'rev-parse', 'karpathy-loop/shared')).toBe(result.champion);
    expect(records[2]!.candidate?.commit).toBe(result.champion);
    expect(await runGit(bare, 'rev-list', '--count', 'main..karpathy-loop/shared')).toBe('2');
    expect((await runGit(bare, 'for-each-ref', '--format=%(refname)')).split('\n').sort()).toEqual([
      'refs/heads/karpathy-loop/shared',
      'refs/heads/main',
      'refs/karpathy-loop/shared/ledger',
    ]);
    expect(await runGit(bare, 'fsck', '--no-dangling')).toBe('');
  });

  it('that is refused for its tests leaves no ref, and neither does one that no worker allows', async () => {
    const url = daemon.url('target.git');
    await startWorkers([url]);
    const start = (workflowId: string, repository: string) =>
      server.client.workflow.execute('karpathyLoop', {
        workflowId,
        taskQueue: 'karpathy-loop',
        args: [targetConfig(repository, { test: 'false' })],
      });
    const failing: unknown = await start('failing', url).catch((error: unknown) => error);
    expect(String((failing as { cause?: Error }).cause?.message)).toMatch(/test/);
    const foreign: unknown = await start('foreign', daemon.url('other.git')).catch((error: unknown) => error);
    expect(String((foreign as { cause?: Error }).cause?.message)).toMatch(
      /repository: .*other\.git" is not allowed by this worker|add it to "repositories"/,
    );
    expect(await runGit(bare, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  });
});
