import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { bringOllama, hasOllama, ollamaModel, startOllama, type RunningOllama } from '../support/ollama.ts';
import type { TestRepository } from '../support/repository/repository.ts';
import { createTarget, targetConfig } from '../support/repository/target.ts';
import { startServer } from '../support/server/temporal.ts';
import { createDataDirectory, startWorkerProcess, type RunningWorker } from '../support/server/worker-process.ts';

describe.skipIf(!hasOllama)(`a loop with a real Ollama (bring it with: ${bringOllama})`, () => {
  let server: TestWorkflowEnvironment;
  let ollama: RunningOllama;
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let worker: RunningWorker;

  beforeAll(async () => {
    [server, ollama, target] = await Promise.all([startServer(), startOllama(), createTarget()]);
    data = createDataDirectory();
    worker = await startWorkerProcess(server.address, data.path, {
      repositories: [target.path],
      ollamaHost: ollama.host,
    });
  });
  afterAll(async () => {
    await worker.stop();
    await Promise.all([server.teardown(), ollama.stop(), target.remove()]);
    data.remove();
  });

  const run = (workflowId: string, hypothesis: object, iterations = 2) =>
    server.client.workflow.execute('karpathyLoop', {
      workflowId,
      taskQueue: worker.queue,
      args: [targetConfig(target.path, { iterations, hypothesis })],
    }) as Promise<LoopResult>;

  it('ends honestly: every iteration has a record, its tokens are counted and its model is named', async () => {
    const result = await run('by-ollama', { source: 'ollama', model: ollamaModel, contextTokens: 2048, repairs: 0 });
    expect(result).toMatchObject({ iteration: 2, stop: 'iterations' });
    expect(result.tokens).toBeGreaterThan(100);
    for (const n of [1, 2]) {
      const record = JSON.parse(
        await target.git('show', `refs/karpathy-loop/by-ollama/ledger:records/0/${n}.json`),
      ) as IterationRecord;
      expect(record).toMatchObject({ iteration: n, model: `ollama ${ollamaModel}`, attempts: 1 });
      expect(record.tokens).toBeGreaterThan(50);
    }
  });

  it('refuses a model that is not pulled, by name', async () => {
    const failure = await run('not-pulled', { source: 'auto', model: 'no-such-model' }).catch(
      (error: unknown) => (error as Error & { cause: Error }).cause.message,
    );
    expect(failure).toMatch(/hypothesis\.model: "no-such-model" is not pulled at .*; run "ollama pull no-such-model"/);
  });
});
