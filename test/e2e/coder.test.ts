import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOllamaModel } from '../../adapters/models/ollama.ts';
import { bringCoder, coderModel, hasCoder, startOllama, type RunningOllama } from '../support/ollama.ts';

describe.skipIf(!hasCoder)(`a real coder in Ollama (bring it with: ${bringCoder})`, () => {
  let ollama: RunningOllama;
  beforeAll(async () => void (ollama = await startOllama()));
  afterAll(() => ollama.stop());

  it('answers a question about code in code, and ends by itself', async () => {
    const model = await createOllamaModel({ host: ollama.host, model: coderModel, contextTokens: 2048 });
    const answer = await model.ask({
      system: 'You write Python.',
      prompt: 'Write the function add(a, b), which returns the sum of its arguments.',
      schema: {
        type: 'object',
        properties: { code: { type: 'string' } },
        required: ['code'],
        additionalProperties: false,
      },
      seed: 1,
      maxTokens: 200,
    });
    expect(answer.cut).toBe(false);
    expect((JSON.parse(answer.text) as { code: string }).code).toMatch(/def add\(a, b\):\s+return a \+ b/);
    expect(answer.text).not.toContain('<|im_');
  });
});
