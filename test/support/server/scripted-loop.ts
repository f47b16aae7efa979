import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import type { Evidence, IterationRecord } from '../../../domain/ledger/record.ts';
import type { LoopResult } from '../../../workflows/messages.ts';
import type { TestRepository } from '../repository/repository.ts';
import { scriptedSource } from '../repository/target.ts';
import type { startServer } from './temporal.ts';
import { createDataDirectory, startWorkerProcess } from './worker-process.ts';

export interface EndedLoop {
  result: LoopResult;
  records: IterationRecord[];
  /** One per iteration; null without a measurement. */
  evidence: (Evidence | null)[];
}

/** Runs one whole loop on real parts, with one answer of the command source per iteration, and reads its ledger. */
export async function runScriptedLoop(
  server: Awaited<ReturnType<typeof startServer>>,
  repository: TestRepository,
  answers: readonly (Hypothesis | string)[],
  { id, config, settings = {} }: { id: string; config: LoopConfigInput; settings?: object },
): Promise<EndedLoop> {
  const data = createDataDirectory();
  const { command } = scriptedSource(data.path, answers);
  const worker = await startWorkerProcess(server.address, data.path, {
    repositories: [repository.path],
    commandSources: { script: { command } },
    ...settings,
  });
  try {
    const args = [{ ...config, iterations: answers.length }];
    const result = (await server.client.workflow.execute('karpathyLoop', {
      workflowId: id,
      taskQueue: worker.queue,
      args,
    })) as LoopResult;
    const read = async <T>(file: string) =>
      JSON.parse(await repository.git('show', `refs/karpathy-loop/${id}/ledger:records/0/${file}`)) as T;
    const iterations = answers.map((_, index) => index + 1);
    return {
      result,
      records: await Promise.all(iterations.map((iteration) => read<IterationRecord>(`${iteration}.json`))),
      evidence: await Promise.all(
        iterations.map((iteration) => read<Evidence>(`${iteration}.evidence.json`).catch(() => null)),
      ),
    };
  } finally {
    await worker.stop();
    data.remove();
  }
}
