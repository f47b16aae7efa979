import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedModel, type EmbeddedModel } from '../../adapters/models/embedded.ts';

const schema = {
  type: 'object',
  properties: { constant: { enum: ['BLOCK_SIZE', 'CUTOFF', 'CAPACITY'] }, value: { enum: [16, 64, 256, 1024, 4096] } },
  required: ['constant', 'value'],
  additionalProperties: false,
};
const question = {
  system: 'You tune the performance of a program.',
  prompt: 'Which constant should get which value: BLOCK_SIZE = 3, CUTOFF = 5000 or CAPACITY = 7?',
  schema,
  seed: 1,
  maxTokens: 64,
};
const story = {
  ...question,
  prompt: 'Write a long story about a fox.',
  schema: { type: 'object', properties: { story: { type: 'string', minLength: 2_000 } } },
  maxTokens: 1_500,
};

describe('the embedded engine', () => {
  let model: EmbeddedModel;
  beforeAll(async () => void (model = await openEmbeddedModel({ contextTokens: 2048 })));
  afterAll(() => model.close());

  it('answers within the schema and counts its tokens', async () => {
    const answer = await model.ask(question);
    const { constant, value } = JSON.parse(answer.text) as { constant: string; value: number };
    expect(schema.properties.constant.enum).toContain(constant);
    expect(schema.properties.value.enum).toContain(value);
    expect(answer.promptTokens).toBeGreaterThan(20);
    expect(answer.answerTokens).toBeGreaterThan(5);
    expect(answer.cut).toBe(false);
  });

  it('gives the same answer for the same seed, whatever was asked in between, and explores with others', async () => {
    const texts = [];
    for (const seed of [1, 2, 3, 4, 5, 1]) texts.push((await model.ask({ ...question, seed })).text);
    expect(texts[5]).toBe(texts[0]);
    expect(new Set(texts).size).toBeGreaterThan(1);
  });

  it('keeps to a choice between objects, written as oneOf or anyOf', async () => {
    const forms = [16, 64].map((value) => ({
      type: 'object',
      properties: { value: { const: value } },
      required: ['value'],
      additionalProperties: false,
    }));
    for (const key of ['oneOf', 'anyOf']) {
      const { text } = await model.ask({ ...question, schema: { [key]: forms } });
      expect([{ value: 16 }, { value: 64 }]).toContainEqual(JSON.parse(text));
    }
  });

  it('says that an answer was cut at its longest', async () => {
    expect(await model.ask({ ...story, maxTokens: 12 })).toMatchObject({ cut: true });
  });

  it('stops in the middle of an answer when aborted, and answers the next question', async () => {
    const abort = new AbortController();
    const asking = model.ask({ ...story, signal: abort.signal });
    void workingEngine(process.pid).then(() => abort.abort(new Error('enough')));
    await expect(asking).rejects.toThrow('enough');
    expect(engines(process.pid)).toEqual([]);
    expect((await model.ask(question)).cut).toBe(false);
  });

  it('is started again after its process crashed, and says that it crashed', async () => {
    const dying = model.ask(story);
    void workingEngine(process.pid).then((pid) => process.kill(pid, 'SIGKILL'));
    await expect(dying).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('SIGKILL') as string,
    });
    expect((await model.ask(question)).cut).toBe(false);
  });

  it('refuses a prompt that does not fit, instead of cutting it, and answers the next question', async () => {
    const answer = model.ask({ ...question, prompt: 'fox '.repeat(2_000) });
    await expect(answer).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^hypothesis\.contextTokens: .* 2048 tokens; raise it/) as string,
    });
    expect((await model.ask(question)).cut).toBe(false);
  });

  it("clamps the context to the model's own, and keeps a smaller one; counts the model's parameters", async () => {
    const large = await openEmbeddedModel({ contextTokens: 16_384 });
    expect(large).toMatchObject({ contextTokens: 8192, parameters: 134_515_008, thoughtTokens: 0 });
    await large.close();
    expect(model.contextTokens).toBe(2048);
  });

  it('answers in free text, and tells its speed', async () => {
    const answer = await model.ask({ ...question, schema: null, maxTokens: 32 });
    expect(answer.text).not.toBe('');
    expect(answer.speed!.read).toBeGreaterThan(0);
    expect(answer.speed!.write).toBeGreaterThan(0);
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const program = `
      const { openEmbeddedModel } = await import(${JSON.stringify(fileURLToPath(new URL('../../adapters/models/embedded.ts', import.meta.url)))});
      void (await openEmbeddedModel()).ask(${JSON.stringify(story)});`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const engine = await workingEngine(parent.pid!);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await expect.poll(() => isEngine(engine)).toBe(false);
  });

  it('that set-up has not brought is named with the command that brings it, and so is another model', async () => {
    await expect(openEmbeddedModel({ cacheDirectory: '/nowhere' })).rejects.toMatchObject({
      kind: 'lasting',
      message: expect.stringMatching(
        /^embedded engine: \/nowhere\/.* is not there; run "npx karpathy-loop setup"$/,
      ) as string,
    });
    await expect(openEmbeddedModel({ model: 'no-such' })).rejects.toThrow(
      /no-such\.gguf is not there; put its GGUF file there/,
    );
  });
});

/** Waits for the engine of `parent` to use 0.3 s of CPU time from now on. */
async function workingEngine(parent: number): Promise<number> {
  const before = new Map(engines(parent).map((pid) => [pid, ticksOf(pid)]));
  const isWorking = (pid: number) => ticksOf(pid) >= (before.get(pid) ?? 0) + 30;
  await expect.poll(() => engines(parent).some(isWorking)).toBe(true);
  return engines(parent).find(isWorking)!;
}

function ticksOf(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\)/s, '').trim().split(' ').slice(11);
  return Number(user) + Number(system);
}

/** Engine processes whose parent is `parent`. */
function engines(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isEngine(pid, parent));
}

function isEngine(pid: number, parent?: number): boolean {
  try {
    const [status, command] = ['status', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    return (
      command!.includes('embedded-engine.mjs') && (parent === undefined || status!.includes(`\nPPid:\t${parent}\n`))
    );
  } catch {
    return false;
  }
}
