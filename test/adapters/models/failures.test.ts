import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { chooseModel, openModel } from '../../../adapters/models/choose.ts';
import type { Model, ModelQuestion } from '../../../adapters/models/model.ts';
import { probe } from '../../../adapters/models/probe.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import { freePort } from '../../support/ollama.ts';
import {
  startScriptedServer,
  type Reply,
  type ScriptedModel,
  type ScriptedServer,
} from '../../support/models/scripted-server.ts';

const question: ModelQuestion = { system: 'Be brief.', prompt: 'Say "ready".', schema: null, seed: 1, maxTokens: 20 };
const coder: ScriptedModel = { name: 'coder:7b', capabilities: ['completion'], parameters: '7.6B' };
const ready: Reply = { content: 'ready' };

let server: ScriptedServer | null = null;
const start = async (reply: Reply | ScriptedServer['reply'], models = [coder]) =>
  (server = await startScriptedServer(models, typeof reply === 'function' ? reply : () => reply));
afterEach(async () => {
  await server?.stop();
  server = null;
});

function hypothesisOf(hypothesis: LoopConfigInput['hypothesis']) {
  const config = parseLoopConfig({
    repository: '/r',
    editable: ['src/**'],
    test: 't',
    benchmark: { command: 'b' },
    hypothesis,
  });
  if (!config.ok) throw new Error(config.problems.join('\n'));
  return config.value.hypothesis;
}

const noEmbedded = () => Promise.reject(new Error('no embedded engine here'));
const enginesAt = (host: string, keyVariable?: string) => ({
  ollamaHost: host,
  openai: { baseUrl: `${host}/v1`, keyVariable },
  embedded: noEmbedded,
});
type Kind = 'ollama' | 'openai';
const open = async (kind: Kind, host: string, hypothesis = {}): Promise<Model> =>
  (await chooseModel(enginesAt(host), hypothesisOf({ source: kind, ...hypothesis }))).model;

describe.each(['ollama', 'openai'] as const)('a server of the kind %s', (kind) => {
  it('answers, and tells what was counted, the speed and the thoughts', async () => {
    const { host } = await start({ content: 'ready', thinking: 'Well.', promptTokens: 80 });
    const answer = await (await open(kind, host)).ask(question);
    expect(answer).toMatchObject({ text: 'ready', promptTokens: 80, answerTokens: 20, cut: false, hasThought: true });
    if (kind === 'ollama') expect(answer.speed).toEqual({ read: 200, write: 25 });
  });

  it.each<[name: string, reply: Reply, kind: string, message: RegExp]>([
    [
      'out of memory',
      { status: 500, error: 'model requires more system memory (9.1 GiB) than is available (7.4 GiB)' },
      'lasting',
      /"coder:7b" does not fit into memory \(500: .*\); take a smaller model/,
    ],
    [
      'that is ended for its memory',
      { status: 500, error: 'llama runner process has terminated: signal: killed' },
      'lasting',
      /does not fit into memory/,
    ],
    [
      'without the model',
      { status: 404, error: 'model "coder:7b" not found, try pulling it first' },
      'lasting',
      /"coder:7b" is not there at .*; (?:run "ollama pull coder:7b"|load it there)/,
    ],
    [
      'with a wrong key',
      { status: 401, error: 'Incorrect API key provided: sk-secret' },
      'lasting',
      /does not let this worker in \(401\); (?!.*secret)/,
    ],
    [
      'that cannot chat',
      { status: 400, error: '"coder:7b" does not support chat' },
      'lasting',
      /"coder:7b" cannot chat/,
    ],
    ...[
      'llama runner process has terminated: exit status 2',
      'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error',
    ].map((error): [string, Reply, string, RegExp] => [
      `whose runner ends: ${error}`,
      { status: 500, error },
      'lasting',
      /cannot load "coder:7b" \(500: .*\); .*or take a smaller one/,
    ]),
    [
      'without resources',
      { status: 400, error: 'Failed to load model. Error: insufficient system resources' },
      'lasting',
      /does not fit into memory/,
    ],
    ['without credit', { status: 429, error: 'You exceeded your current quota' }, 'lasting', /takes no more questions/],
    [
      'that cannot load',
      { status: 500, error: 'unable to load model: /models/x' },
      'lasting',
      /cannot load "coder:7b"/,
    ],
    [
      'that is busy',
      { status: 503, error: 'server busy, please try again' },
      'transient',
      /cannot answer with "coder:7b" now \(503: .*log/,
    ],
    [
      'that refuses the question',
      { status: 400, error: 'invalid grammar' },
      'refused',
      /refused "coder:7b" \(400: .*invalid grammar/,
    ],
    [
      'with a smaller context',
      { status: 400, error: 'the input length exceeds the context length' },
      'refused',
      /^hypothesis\.contextTokens: the prompt does not fit/,
    ],
    [
      'that fails in the middle',
      { content: 'rea', then: { error: 'unexpected EOF' } },
      'transient',
      /the answer of "coder:7b" broke off \(.*unexpected EOF.*\); see/,
    ],
    [
      'without memory in the middle',
      { content: 'rea', then: { error: 'CUDA error: out of memory' } },
      'lasting',
      /does not fit into memory/,
    ],
    [
      'that dies in the middle',
      { content: 'rea', then: 'end' },
      'transient',
      /broke off|does not answer|no server answers/,
    ],
    [
      'that cuts the prompt in silence',
      { content: 'ready', promptTokens: 1_048_576 },
      'lasting',
      /^hypothesis\.contextTokens: the server read .* and so cut it; give/,
    ],
  ])('%s says so in one line with a remedy', async (_name, reply, errorKind, message) => {
    const { host } = await start(reply);
    const asking = (await open(kind, host)).ask(question);
    await expect(asking).rejects.toMatchObject({ kind: errorKind, message: expect.stringMatching(message) as string });
    await expect(asking).rejects.toThrow(/^[^\n]*; [^\n]*$/);
  });

  it('that is down says where, and how to start it', async () => {
    const { host } = await start(ready);
    const model = await open(kind, host);
    await server!.stop();
    server = null;
    await expect(model.ask(question)).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/^hypothesis\.model: .*answers? at http.*; .*start it/) as string,
    });
  });

  it('ends an endless answer as one that was cut, and takes the next question', async () => {
    let turn = 0;
    const { host } = await start(() => (turn++ === 0 ? { content: 'x'.repeat(2_000), then: 'on and on' } : ready));
    const model = await open(kind, host);
    expect(await model.ask(question)).toMatchObject({ cut: true });
    expect(await model.ask(question)).toMatchObject({ text: 'ready', cut: false });
  });

  it('that is slower than the limit of the small question is refused by that', async () => {
    const { host } = await start({ content: '', then: 'on and on' });
    const model = await open(kind, host);
    await expect(probe({ kind, model }, undefined, 0.2)).rejects.toMatchObject({
      kind: 'lasting',
      message: expect.stringMatching(
        /"coder:7b" did not answer a small question within 0\.2 s; take a smaller/,
      ) as string,
    });
  });

  it('keeps thoughts in a room of their own, within the context', async () => {
    const thinker = { ...coder, name: 'gpt-oss:20b', capabilities: ['completion', 'thinking'], context: 8_192 };
    const { host, asked } = await start({ content: 'ready', thinking: 'Well.' }, [thinker]);
    const model = await open(kind, host);
    expect(model).toMatchObject({ contextTokens: 6_144, thoughtTokens: 2_048 });
    await model.ask(question);
    const { body } = asked[0]!;
    const options = { num_ctx: 8_192, num_predict: 2_068, seed: 1 };
    expect(body).toMatchObject(
      kind === 'ollama' ? { think: 'low', options } : { reasoning_effort: 'low', max_tokens: 2_068 },
    );
    // What the first question showed is kept.
    const source = {
      kind,
      name: thinker.name,
      contextTokens: 8_192,
      thoughtTokens: 0,
      form: 'rewrite',
      speed: null,
    } as const;
    expect(await openModel(enginesAt(host), source)).toMatchObject({ contextTokens: 8_192, thoughtTokens: 0 });
  });

  it('shows by a small question if it answers in the form', async () => {
    const { host } = await start((asked) => ({
      content: JSON.stringify(asked.body).includes('total') ? '```js\nexport function total() {}\n```' : 'ready',
    }));
    const model = await open(kind, host);
    expect(await probe({ kind, model })).toMatchObject({ doubt: null, hasThought: false });
    server!.reply = () => ({ content: '', thinking: 'Well.', cut: true });
    expect((await probe({ kind, model })).doubt).toMatch(/^it thought for 20 tokens and gave no answer/);
    server!.reply = () => ({ content: 'Sure!' });
    expect((await probe({ kind, model })).doubt).toMatch(/was not in the form asked for: expect few/);
  });
});

describe('an address at which something else answers', () => {
  it.each<[string, number, string, RegExp]>([
    [
      'another server',
      404,
      'not found',
      /^hypothesis\.model: what answers at http:\S+ is no Ollama \(404: .*\); correct/,
    ],
    ['a page', 200, '<html></html>', /is no Ollama \(.*\); correct --ollama-host or OLLAMA_HOST/],
    ['another form', 200, '{"object": "list"}', /is no Ollama/],
  ])('is named: %s', async (_, status, text, message) => {
    const http = createServer((_request, response) => response.writeHead(status).end(text)).listen(0, '127.0.0.1');
    await once(http, 'listening');
    try {
      const host = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
      const choose = (hypothesis: LoopConfigInput['hypothesis']) =>
        chooseModel(enginesAt(host), hypothesisOf(hypothesis));
      await expect(choose({ source: 'ollama' })).rejects.toMatchObject({
        kind: 'lasting',
        message: expect.stringMatching(message) as string,
      });
      await expect(choose({})).rejects.toThrow('no embedded engine here');
    } finally {
      http.close();
    }
  });
});

describe('the choice of a model', () => {
  const models: ScriptedModel[] = [
    { name: 'nomic-embed-text:latest', capabilities: ['embedding'], size: 9e9 },
    { name: 'llama3.1:8b', capabilities: ['completion'], size: 5e9 },
    { name: 'starcoder2:3b', capabilities: ['completion'], size: 2e9 },
    { name: 'codestral:22b', capabilities: ['completion'], size: 1e15 },
    { name: 'old-coder', size: 1e9 },
  ];

  it.each([
    ['the largest made for code that fits', models, 'starcoder2:3b', /^the largest made for code, up to half/],
    ['one that can chat, never an embedding model', models.slice(0, 2), 'llama3.1:8b', /none is made for code/],
    [
      'none of an older server that only embeds or ranks, by its name',
      [
        ...['bge-m3', 'all-minilm:l6-v2', 'mxbai-embed-large', 'qllama/bge-reranker'].map((name) => ({ name })),
        models[1]!,
      ],
      'llama3.1:8b',
      /none is made for code/,
    ],
    [
      'the smallest where all are too large',
      [models[3]!, { ...models[2]!, size: 1e14 }],
      'starcoder2:3b',
      /^the smallest made for code: all need/,
    ],
    [
      'the preferred one',
      [...models, { name: 'qwen2.5-coder:7b', size: 1 }],
      'qwen2.5-coder:7b',
      /taken where it is there/,
    ],
  ] as const)('takes %s', async (_name, listed, name, why) => {
    const { host } = await start(ready, [...listed]);
    const chosen = await chooseModel(enginesAt(host), hypothesisOf({}));
    expect([chosen.model.name, chosen.why]).toEqual([name, expect.stringMatching(why)]);
  });

  it('refuses a named model that cannot chat, and a server with none that can', async () => {
    const { host } = await start(ready, [models[0]!]);
    const named = chooseModel(enginesAt(host), hypothesisOf({ model: 'nomic-embed-text:latest' }));
    await expect(named).rejects.toMatchObject({
      kind: 'lasting',
      message: expect.stringMatching(/cannot chat/) as string,
    });
    const any = chooseModel(enginesAt(host), hypothesisOf({ source: 'ollama' }));
    await expect(any).rejects.toThrow(/no model of Ollama at .* can chat; run "ollama pull/);
  });

  it('of an OpenAI-compatible server is the named one, or the only one', async () => {
    const { host } = await start(ready, [coder, { name: 'other-1b' }]);
    await expect(open('openai', host)).rejects.toThrow(/several models are at .*"coder:7b", "other-1b": name one$/);
    await expect(open('openai', host, { model: 'none' })).rejects.toThrow(
      /"none" is not there at .*; it has "coder:7b"/,
    );
    expect(await open('openai', host, { model: 'other-1b' })).toMatchObject({ name: 'other-1b', parameters: 1e9 });
    const unknown = { ...enginesAt(host), openai: undefined };
    await expect(chooseModel(unknown, hypothesisOf({ source: 'openai' }))).rejects.toThrow(
      /knows no OpenAI-compatible server; its owner/,
    );
  });

  it('sends the key of the named variable and nothing else of the environment; says which variable is not set', async () => {
    const { host, asked } = await start(ready);
    process.env['KARPATHY_LOOP_TEST_KEY'] = 'the-key';
    process.env['OPENAI_API_KEY'] = 'another';
    try {
      const engines = enginesAt(host, 'KARPATHY_LOOP_TEST_KEY');
      await (await chooseModel(engines, hypothesisOf({ source: 'openai' }))).model.ask(question);
      expect(asked[0]!.headers.authorization).toBe('Bearer the-key');
      const unset = chooseModel(enginesAt(host, 'KARPATHY_LOOP_UNSET'), hypothesisOf({ source: 'openai' }));
      await expect(unset).rejects.toThrow(
        /^openai\.keyVariable: the environment variable "KARPATHY_LOOP_UNSET" is not set/,
      );
    } finally {
      delete process.env['KARPATHY_LOOP_TEST_KEY'];
      delete process.env['OPENAI_API_KEY'];
    }
  });

  it('falls back to the embedded engine only where nothing was named', async () => {
    const host = `http://127.0.0.1:${await freePort()}`;
    await expect(chooseModel(enginesAt(host), hypothesisOf({}))).rejects.toThrow('no embedded engine here');
    await expect(chooseModel(enginesAt(host), hypothesisOf({ model: 'x' }))).rejects.toMatchObject({
      kind: 'lasting',
      message: `hypothesis.model: Ollama does not answer at ${host}, and x was asked for; start it with "ollama serve"`,
    });
  });
});
