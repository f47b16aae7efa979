import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { proposals, scriptedSource, targetConfig } from '../support/repository/target.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { useWorkbench } from '../support/workbench.ts';
import { startWorkerProcess } from '../support/server/worker-process.ts';

describeWithServer('a worker killed by SIGKILL', () => {
  const bench = useWorkbench();

  it('in the middle of a benchmark loses no finished pair, and every iteration is done exactly once', async () => {
    const { command } = scriptedSource(bench.data.path, [proposals.faster, proposals.rename, proposals.fasterStill]);
    const settings = { repositories: [bench.target.path], commandSources: { script: { command } } };
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, settings);
    const options = {
      workflowId: 'killed',
      taskQueue: 'karpathy-loop',
      args: [targetConfig(bench.target.path, { iterations: 3 })],
    };
    const handle = await bench.server.client.workflow.start('karpathyLoop', options);
    const journal = await untilPairs(join(bench.data.path, 'loops', 'killed', 'iterations', '1', 'decisions'), 3);
    await bench.worker.kill();
    const before = journal.pairs();
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, settings);
    const result = (await handle.result()) as LoopResult;

    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(journal.pairs().slice(0, before.length)).toEqual(before);
    expect(result).toMatchObject({ committed: 2, rolledBack: 1, failed: 0, iteration: 3 });
    const records = await Promise.all(
      [1, 2, 3].map(
        async (n) =>
          JSON.parse(
            await bench.target.git('show', `refs/karpathy-loop/killed/ledger:records/0/${n}.json`),
          ) as IterationRecord,
      ),
    );
    expect(records.map(({ iteration, outcome }) => [iteration, outcome])).toEqual([
      [1, 'committed'],
      [2, 'rolledBack'],
      [3, 'committed'],
    ]);
    // One commit of the ledger per record, one for its beginning and one for the headline at its end; one commit of the branch per committed iteration.
    expect(await bench.target.git('rev-list', '--count', 'refs/karpathy-loop/killed/ledger')).toBe('5');
    expect(await bench.target.git('rev-list', '--count', 'HEAD..karpathy-loop/killed')).toBe('2');
    expect(await completedTwice(bench.server, 'killed/iter-1')).toEqual([]);
  });
});

async function untilPairs(directory: string, count: number): Promise<{ pairs(): string[] }> {
  const pairs = () => {
    const [tree] = existsSync(directory) ? readdirSync(directory) : [];
    const file = tree && join(directory, tree, 'pairs.jsonl');
    return file && existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(1, -1) : [];
  };
  while (pairs().length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  return { pairs };
}

/** Activities of an iteration without repairs that completed more than once. */
async function completedTwice(server: TestWorkflowEnvironment, workflowId: string): Promise<string[]> {
  const { events = [] } = await server.client.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = (events ?? [])
    .map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name)
    .filter((name) => name !== undefined && name !== null);
  return scheduled.filter((name, index) => scheduled.indexOf(name) !== index);
}
