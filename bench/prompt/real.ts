import { createOllamaModel } from '../../adapters/models/ollama.ts';
import { startOllama } from '../../test/support/ollama.ts';
import { answer } from '../questions/answer.ts';
import { createJudge } from '../questions/judge.ts';
import { targets } from '../questions/targets.ts';
import type { Asked } from './questions.ts';

/** Asks a model of Ollama. @returns the share of answers that do the same as before, and at least 5 % faster */
export async function realShare(
  asked: readonly Asked[],
  { name, host }: { name: string; host: string | undefined },
): Promise<number> {
  const server = host === undefined ? await startOllama() : null;
  const judge = await createJudge();
  try {
    const model = await createOllamaModel({ host: host ?? server!.host, model: name, contextTokens: 4096 });
    let usable = 0;
    for (const [index, { task, question }] of asked.entries()) {
      const target = targets.find((one) => one.name === task)!;
      const seed = Math.floor(Math.random() * 2 ** 31);
      const { isRead, stage } = await answer({ model, judge }, { target, seed, question });
      if (isRead && stage === 'faster') usable++;
      console.error(`${index + 1} of ${asked.length}: ${task}: ${isRead ? stage : 'not read'}`);
    }
    return usable / asked.length;
  } finally {
    judge.close();
    await server?.stop();
  }
}
