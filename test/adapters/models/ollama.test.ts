import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOllamaModel, findOllama } from '../../../adapters/models/ollama.ts';
import {
  bringOllama,
  freePort,
  hasOllama,
  ollamaModel,
  startOllama,
  type RunningOllama,
} from '../../support/ollama.ts';

const schema = {
  type: 'object',
  properties: { constant: { enum: ['BLOCK_SIZE', 'CUTOFF'] }, value: { enum: [16, 64, 256] } },
  required: ['constant', 'value'],
  additionalProperties: false,
};
const question = {
  system: 'You tune the performance of a program.',
  prompt: 'Which constant should get which value: BLOCK_SIZE = 3 or CUTOFF = 5000?',
  schema,
  seed: 7,
  maxTokens: 64,
};
const story = {
  ...question,
  prompt: 'Write a long story about a fox.',
  schema: { type: 'object', properties: { story: { type: 'string', minLength: 1_000 } }, required: ['story'] },
  maxTokens: 4_000,
};
/** The story takes far longer. */
const midAnswerMs = 3_000;

describe.skipIf(!hasOllama)(`a real Ollama (brought by "${bringOllama}")`, () => {
  let ollama: RunningOllama;
  const create = (contextTokens = 2048) => createOllamaModel({ host: ollama.host, model: ollamaModel, contextTokens });
  beforeAll(async () => void (ollama = await startOllama()));
  afterAll(() => ollama.stop());

  it('is found with the models that it has', async () => {
    // The store may have the coder too.
    const found = await findOllama(ollama.host);
    expect(found).toContainEqual({ name: ollamaModel, bytes: expect.any(Number) as number, family: 'llama' });
  });

  it('answers within the schema and counts its tokens', async () => {
    const answer = await (await create()).ask(question);
    const { constant, value } = JSON.parse(answer.text) as { constant: string; value: number };
    expect(schema.properties.constant.enum).toContain(constant);
    expect(schema.properties.value.enum).toContain(value);
    expect(answer.promptTokens).toBeGreaterThan(20);
    expect(answer.answerTokens).toBeGreaterThan(5);
    expect(answer.cut).toBe(false);
  });

  it('says that an answer was cut at its longest', async () => {
    const answer = await (await create()).ask({ ...story, maxTokens: 12 });
    expect(answer).toMatchObject({ cut: true, answerTokens: 12 });
  });

  it('refuses a prompt that does not fit, instead of cutting it', async () => {
    const answer = (await create()).ask({ ...question, prompt: 'fox '.repeat(4_000) });
    await expect(answer).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^hypothesis\.contextTokens: .* 2048 tokens; raise it/) as string,
    });
  });

  it("clamps the context to the model's own, and keeps a smaller one", async () => {
    expect((await create(1_048_576)).contextTokens).toBe(8192);
    expect((await create(1024)).contextTokens).toBe(1024);
  });

  it('stops in the middle of an answer when aborted, and answers the next question', async () => {
    const model = await create();
    const abort = new AbortController();
    const asking = model.ask({ ...story, signal: abort.signal });
    void sleep(midAnswerMs).then(() => abort.abort(new Error('enough')));
    await expect(asking).rejects.toThrow('enough');
    expect((await model.ask(question)).text).toMatch(/constant/);
  });

  it('names a model that was not pulled, with the command that pulls it', async () => {
    const creating = createOllamaModel({ host: ollama.host, model: 'no-such:1b', contextTokens: 2048 });
    await expect(creating).rejects.toMatchObject({
      kind: 'lasting',
      message: `hypothesis.model: "no-such:1b" is not there at Ollama at ${ollama.host}; run "ollama pull no-such:1b"`,
    });
  });

  it('that ends in the middle of an answer is reported as unreachable or broken off', async () => {
    const other = await startOllama();
    const model = await createOllamaModel({ host: other.host, model: ollamaModel, contextTokens: 2048 });
    const asking = model.ask(story);
    const stopped = sleep(midAnswerMs).then(() => other.stop());
    await expect(asking).rejects.toThrow(/^hypothesis\.model: .*"ollama serve"$/);
    await stopped;
    await expect(model.ask(question)).rejects.toMatchObject({ kind: 'transient' });
  });
});

describe('where no Ollama answers', () => {
  it('findOllama says null', async () => {
    expect(await findOllama(`http://127.0.0.1:${await freePort()}`)).toBeNull();
  });

  it('a named model is refused with the address and the remedy', async () => {
    const host = `http://127.0.0.1:${await freePort()}`;
    const message = `hypothesis.model: "qwen2.5-coder:7b" is asked for and Ollama does not answer at ${host}; start it with "ollama serve"`;
    await expect(createOllamaModel({ host, model: 'qwen2.5-coder:7b', contextTokens: 2048 })).rejects.toMatchObject({
      kind: 'transient',
      message,
    });
  });
});
