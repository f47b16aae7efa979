import OpenAI, { APIConnectionError, APIError } from 'openai';
import { complaint, isNetworkError, type ServerWords } from './faults.ts';
import { checkReadWhole, divideWindow, isEndless, ModelError, promptTooLong } from './model.ts';
import type { Model, ModelAnswer, ModelQuestion } from './model.ts';
import { patientFetch } from './patient-fetch.ts';

const listTimeoutMs = 30_000;
/** The client's own would end an answer after ten minutes; the question's signal does. */
const noTimeoutMs = 2 ** 31 - 1;

/** A server that speaks OpenAI's protocol: llama.cpp, vLLM, LM Studio, or a service. */
interface OpenAiServer {
  /** With its path: "http://127.0.0.1:8080/v1". */
  baseUrl: string;
  /** Environment variable that holds the key; the key itself is written nowhere. */
  keyVariable?: string | undefined;
}

interface Wanted {
  server: OpenAiServer;
  /** The only one that the server has, where left out. */
  model?: string | undefined;
  contextTokens: number;
  /** As found by an earlier question; else a quarter of the window at most. */
  thoughtTokens?: number;
}

/** Fields of servers beside OpenAI's own: vLLM `max_model_len`, llama.cpp `meta`. */
interface Listed {
  id: string;
  max_model_len?: number;
  meta?: { n_ctx?: number; n_ctx_train?: number; n_params?: number };
}

interface Opened {
  server: OpenAiServer;
  model: string;
  contextTokens: number;
  thoughtTokens: number;
}

/** Connects to a model. @throws ModelError where key, server or model are not there, or several could be meant */
export async function createOpenAiModel({ server, model, ...wanted }: Wanted): Promise<Model> {
  const listed = await listModels(server, model ?? '');
  const found = model === undefined ? listed : listed.filter(({ id }) => id === model);
  if (found.length !== 1) throw notOne(server, model, listed);
  const [{ id, max_model_len: limit, meta = {} }] = found as [Listed];
  const window = Math.min(
    wanted.contextTokens + (wanted.thoughtTokens ?? 0),
    limit ?? meta.n_ctx ?? meta.n_ctx_train ?? Infinity,
  );
  const room = divideWindow(window, true, wanted.thoughtTokens);
  const opened = { server, model: id, ...room };
  return { name: id, ...room, parameters: meta.n_params ?? parametersIn(id), ask: (question) => ask(opened, question) };
}

async function listModels(server: OpenAiServer, model: string): Promise<Listed[]> {
  try {
    return (await connect(server, AbortSignal.timeout(listTimeoutMs)).models.list()).data;
  } catch (error) {
    return explain(error, server, model);
  }
}

function notOne({ baseUrl }: OpenAiServer, model: string | undefined, listed: readonly Listed[]): ModelError {
  const has =
    listed.length === 0
      ? 'it has none'
      : `it has ${listed
          .slice(0, 8)
          .map(({ id }) => `"${id}"`)
          .join(', ')}`;
  const text =
    model === undefined && listed.length > 1
      ? `several models are at ${baseUrl}, and none is named; ${has}: name one`
      : `${model === undefined ? 'no model' : `"${model}"`} is not there at ${baseUrl}; ${has}`;
  return new ModelError('lasting', `hypothesis.model: ${text}`);
}

/** A name often tells the size: "qwen2.5-coder-7b-instruct". */
function parametersIn(id: string): number | null {
  const [, count] = /(?:^|[^a-z0-9.])(\d+(?:\.\d+)?)b(?![a-z0-9])/i.exec(id) ?? [];
  return count === undefined ? null : Number(count) * 1e9;
}

async function ask(opened: Opened, question: ModelQuestion): Promise<ModelAnswer> {
  const { signal } = question;
  const window = opened.contextTokens + opened.thoughtTokens;
  signal?.throwIfAborted();
  const ending = new AbortController();
  const signals = [ending.signal, signal].filter((one) => one !== undefined);
  try {
    const answer = await read(opened, question, connect(opened.server, AbortSignal.any(signals)));
    checkReadWhole(question, answer.promptTokens, window);
    return answer;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ModelError) throw error;
    if (/context.{0,20}(?:length|size|window)|too long/i.test((error as Error).message))
      throw promptTooLong(window, error);
    return explain(error, opened.server, opened.model);
  } finally {
    ending.abort();
  }
}

/** Reads a stream to its end. Its own clock tells the speed: the protocol does not. */
async function read(opened: Opened, question: ModelQuestion, client: OpenAI): Promise<ModelAnswer> {
  const began = performance.now();
  let [first, text, thoughts, reason] = [0, '', 0, ''];
  let usage = { prompt_tokens: 0, completion_tokens: 0 };
  for await (const part of await client.chat.completions.create(toRequest(opened, question))) {
    const delta = part.choices[0]?.delta as
      { content?: string; reasoning_content?: string; reasoning?: string } | undefined;
    const thought = delta?.reasoning_content ?? delta?.reasoning ?? '';
    if (first === 0 && (thought || delta?.content)) first = performance.now();
    text += delta?.content ?? '';
    thoughts += thought.length;
    reason = part.choices[0]?.finish_reason ?? reason;
    usage = part.usage ?? usage;
    if (isEndless(text.length + thoughts, question, opened.thoughtTokens)) {
      reason = 'length';
      break;
    }
  }
  if (reason === '') throw new Error('the answer has no end');
  const { prompt_tokens: promptTokens, completion_tokens: answerTokens } = usage;
  const speed = {
    read: promptTokens / ((first - began) / 1000),
    write: (answerTokens - 1) / ((performance.now() - first) / 1000),
  };
  const isKnown = first > 0 && Object.values(speed).every((rate) => rate > 0 && Number.isFinite(rate));
  const facts = { promptTokens, answerTokens, cut: reason === 'length', hasThought: thoughts > 0 };
  return { text, ...facts, speed: isKnown ? speed : null };
}

function toRequest({ model, thoughtTokens }: Opened, { system, prompt, schema, seed, maxTokens }: ModelQuestion) {
  const format = { type: 'json_schema', json_schema: { name: 'answer', schema: schema as Record<string, unknown> } };
  return {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: prompt },
    ],
    // Servers know these by their older names.
    ...Object.fromEntries([
      ['seed', seed],
      ['max_tokens', maxTokens + thoughtTokens],
    ]),
    ...(/gpt-?oss/i.test(model) && { reasoning_effort: 'low' }),
    ...(schema && { response_format: format }),
    stream: true,
    stream_options: { include_usage: true },
  } as OpenAI.ChatCompletionCreateParamsStreaming;
}

/** Makes a client for one call, which its signal ends. Nothing of the environment but the named key reaches it. */
function connect({ baseUrl, keyVariable }: OpenAiServer, signal: AbortSignal): OpenAI {
  const key = keyVariable === undefined ? 'none' : process.env[keyVariable];
  if (!key) {
    const fact = `the environment variable "${keyVariable}" is not set where the worker runs`;
    throw new ModelError('lasting', `openai.keyVariable: ${fact}; set it to the key of ${baseUrl}, and start again`);
  }
  const nothing = { organization: null, project: null, webhookSecret: null } as const;
  const options = { maxRetries: 0, timeout: noTimeoutMs, logLevel: 'off', fetch: patientFetch(signal) } as const;
  return new OpenAI({ baseURL: baseUrl, apiKey: key, ...nothing, ...options });
}

function explain(error: unknown, { baseUrl, keyVariable }: OpenAiServer, model: string): never {
  if (error instanceof ModelError) throw error;
  const { message } = error as Error;
  const status = error instanceof APIError ? (error.status as number | undefined) : undefined;
  const fail = (text: string) => new ModelError('transient', `hypothesis.model: ${text}`, error);
  if (error instanceof APIConnectionError || (status === undefined && isNetworkError(error)))
    throw fail(`no server answers at ${baseUrl}; start it, or correct openai.baseUrl in the worker's settings`);
  const words: ServerWords = {
    server: baseUrl,
    model,
    bring: "load it there, or correct openai.baseUrl (with its path: …/v1) in the worker's settings",
    letIn: keyVariable
      ? `correct the key in the environment variable "${keyVariable}"`
      : "name the variable that holds its key with openai.keyVariable in the worker's settings",
    log: "see the server's log",
  };
  const said = complaint(status, message, words, error);
  if (status !== undefined || said.kind === 'lasting') throw said;
  throw fail(`the answer of "${model}" broke off (${message}); see the server's log`);
}
