import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { parseRecord, type IterationRecord } from '../../domain/ledger/record.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { startScriptedServer, type Reply, type ScriptedServer } from '../support/models/scripted-server.ts';
import { exactRounds, targetConfig } from '../support/repository/target.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { useWorkbench } from '../support/workbench.ts';
import { startWorkerProcess } from '../support/server/worker-process.ts';

const models = [{ name: 'coder:7b', capabilities: ['completion'], parameters: '7.6B' }];

describeWithServer('a loop whose model server has faults', () => {
  const bench = useWorkbench();
  let server: ScriptedServer;
  afterEach(() => server.stop());

  async function runLoop(id: string, part: { iterations: number; budget?: object }): Promise<LoopResult> {
    const settings = { repositories: [bench.target.path], ollamaHost: server.host };
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, settings);
    const hypothesis = { source: 'ollama', model: 'coder:7b', samples: 1, repairs: 0 } as const;
    const config = targetConfig(bench.target.path, { hypothesis, benchmark: exactRounds, ...part });
    const { client } = bench.server;
    const options = { workflowId: id, taskQueue: bench.worker.queue, args: [config] };
    return (await client.workflow.execute('karpathyLoop', options)) as LoopResult;
  }

  async function record(id: string, n: number): Promise<IterationRecord> {
    return parseRecord(await bench.target.git('show', `refs/karpathy-loop/${id}/ledger:records/0/${n}.json`));
  }

  const fewer = async (rounds: number): Promise<Reply> => {
    const source = await bench.target.git('show', 'HEAD:src/total.mjs');
    const code = source.replace('ROUNDS = 300', `ROUNDS = ${rounds}`);
    return { content: `Title: Sum in ${rounds} rounds\n\`\`\`javascript\n${code}\n\`\`\`` };
  };

  it('ends one with answers that are invalid for ever, and says what they lack, long before its iterations are done', async () => {
    server = await startScriptedServer(models, () => ({ content: 'Loops are slow. You could use fewer of them.' }));
    const result = await runLoop('invalid', { iterations: 30, budget: { stagnation: 3 } });
    expect(result).toMatchObject({ stop: 'stagnation', iteration: 3, failed: 3, committed: 0 });
    expect(result.notes).toContainEqual(expect.stringMatching(/^model: /));
    expect(result.last?.detail).toMatch(/^answer: /);
    expect(await record('invalid', 3)).toMatchObject({ outcome: 'failed', reason: 'no-hypothesis' });
  });

  it('goes on with one whose server is upgraded in the middle: it is down, then there with another version', async () => {
    const [first, second] = [await fewer(100), await fewer(50)];
    let upgraded: Promise<void> | null = null;
    const afterwards = () => second;
    server = await startScriptedServer(models, ({ body }) => {
      const isProbe = JSON.stringify(body).includes('histogram');
      if (isProbe || server.asked.length < 3) return first;
      upgraded ??= upgrade();
      return { content: 'Title: Sum', then: 'end' };
    });
    async function upgrade(): Promise<void> {
      const port = Number(new URL(server.host).port);
      await server.stop();
      await sleep(1_500);
      server = await startScriptedServer(models, afterwards, port);
    }
    const result = await runLoop('upgraded', { iterations: 2 });
    expect(upgraded).not.toBeNull();
    expect(result).toMatchObject({ stop: 'iterations', committed: 2, failed: 0 });
    expect(await record('upgraded', 2)).toMatchObject({ hypothesis: { title: 'Sum in 50 rounds' } });
    // What was lost is asked once more, and nothing else is.
    expect(server.asked).toHaveLength(1);
  });
});
