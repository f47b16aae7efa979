import { expect, it } from 'vitest';
import { renderReport, report } from '../../domain/ledger/report.ts';
import { parseRecord, type IterationRecord } from '../../domain/ledger/record.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { exactRounds, targetConfig } from '../support/repository/target.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { useWorkbench } from '../support/workbench.ts';
import { startWorkerProcess } from '../support/server/worker-process.ts';

describeWithServer('a loop of "tune"', () => {
  const bench = useWorkbench();

  it('finds the best value of a constant without a model, and ends when nothing is left to try', async () => {
    const settings = { repositories: [bench.target.path] };
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, settings);
    const hypothesis = { source: 'tune', samples: 2 } as const;
    const config = targetConfig(bench.target.path, { iterations: 20, hypothesis, benchmark: exactRounds });
    const result = (await bench.server.client.workflow.execute('karpathyLoop', {
      workflowId: 'tune',
      taskQueue: bench.worker.queue,
      args: [config],
    })) as LoopResult;
    expect(result).toMatchObject({ stop: 'nothing left to try', failed: 1 });
    const read = async (n: number): Promise<IterationRecord> =>
      parseRecord(await bench.target.git('show', `refs/karpathy-loop/tune/ledger:records/0/${n}.json`));
    const records = await Promise.all(Array.from({ length: result.iteration }, (_, index) => read(index + 1)));
    // The rounds are pure waste, and one of them is needed.
    expect(await bench.target.git('show', 'karpathy-loop/tune:src/total.mjs')).toContain('const ROUNDS = 1;');
    expect(records[0]).toMatchObject({ outcome: 'committed', tokens: 0, model: 'tune constants' });
    expect(records.at(-1)).toMatchObject({ reason: 'no-hypothesis' });
    expect(records.at(-1)!.detail).toMatch(/^tune: all values of ROUNDS that are worth a try were tried; /);
    expect(renderReport(report('tune', records, null))).toContain('Model: tune constants (0 tokens)');
  });
});
