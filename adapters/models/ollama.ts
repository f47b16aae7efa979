import { Ollama, type ChatRequest, type ChatResponse, type ShowResponse } from 'ollama';
import { toLine } from '../../domain/text.ts';
import { complaint, isNetworkError, type ServerWords } from './faults.ts';
import {
  checkReadWhole,
  divideWindow,
  isEndless,
  ModelError,
  promptTooLong,
  type Model,
  type ModelAnswer,
  type ModelQuestion,
} from './model.ts';
import { patientFetch } from './patient-fetch.ts';

/** A machine whose processors are all at work answers late; where none listens, that is known at once. */
const listTimeoutMs = 20_000;
const showTimeoutMs = 30_000;

/** A model that Ollama lists. */
export interface ListedModel {
  name: string;
  family: string;
  /** Size of its file; roughly the memory it needs. */
  bytes: number;
}

/**
 * Lists the models of the Ollama at `host`, the newest first, or returns null where none answers.
 * @param host such as "http://127.0.0.1:11434"
 * @throws ModelError where something else answers
 */
export async function findOllama(host: string): Promise<ListedModel[] | null> {
  try {
    const { models } = await connect(host, AbortSignal.timeout(listTimeoutMs)).list();
    return models.map(({ name, size, details }) => {
      // Older servers leave it out.
      const { family = '' } = (details as { family?: string } | undefined) ?? {};
      return { name, bytes: size, family };
    });
  } catch (error) {
    const { status_code: status = 0, message } = error as Error & { status_code?: number };
    if (isNetworkError(error) || status >= 500) return null;
    const remedy = 'correct --ollama-host or OLLAMA_HOST, or name an OpenAI-compatible server by --openai-url';
    const fact = `hypothesis.model: what answers at ${host} is no Ollama`;
    throw new ModelError('lasting', `${fact} (${status ? `${status}: ` : ''}${toLine(message, 80)}); ${remedy}`, error);
  }
}

/** Tells if a model answers questions; older servers do not say so of any. */
export async function canChat(host: string, { name, family }: ListedModel): Promise<boolean> {
  const { capabilities } = await show(host, name);
  return capabilities?.includes('completion') ?? !/embed|bert|bge-|minilm|rerank|paraphrase/i.test(`${name} ${family}`);
}

interface Wanted {
  host: string;
  model: string;
  /** Clamped to the model's own. */
  contextTokens: number;
  /** As found by an earlier question; else a quarter of the window at most, where the model can think. */
  thoughtTokens?: number;
}

interface Server extends Required<Wanted> {
  /** How it is asked to think least; null: it cannot think. */
  think: false | 'low' | null;
}

/** Connects to a model. @throws ModelError where no Ollama answers, or it lacks the model, or that cannot chat */
export async function createOllamaModel({ host, model, ...wanted }: Wanted): Promise<Model> {
  const facts = await show(host, model);
  if (facts.capabilities && !facts.capabilities.includes('completion'))
    throw complaint(undefined, `it does not support chat, but ${facts.capabilities.join(', ')}`, wordsOf(host, model));
  const think = thinkingOf(model, facts);
  const window = Math.min(wanted.contextTokens + (wanted.thoughtTokens ?? 0), maxContext(facts));
  const room = divideWindow(window, think !== null, wanted.thoughtTokens);
  const server = { host, model, think, ...room };
  const parameters = readParameters(facts.details?.parameter_size);
  return { name: model, ...room, parameters, ask: (question) => ask(server, question) };
}

async function show(host: string, model: string): Promise<Partial<ShowResponse>> {
  return connect(host, AbortSignal.timeout(showTimeoutMs))
    .show({ model })
    .catch((error: unknown) => explain(error, host, model));
}

/** Older servers do not tell capabilities. gpt-oss takes levels alone, and thinks on where it is told not to. */
function thinkingOf(model: string, { capabilities, details }: Partial<ShowResponse>): Server['think'] {
  if (!capabilities?.includes('thinking')) return null;
  return /gpt-?oss/i.test(`${model} ${details?.family}`) ? 'low' : false;
}

/** Reads a number of parameters as Ollama prints it: "134.52M", "7.6B". */
function readParameters(size: string | undefined): number | null {
  const [, count, unit = ''] = /^([\d.]+)([KMBT])$/.exec(size ?? '') ?? [];
  return count === undefined ? null : Number(count) * { K: 1e3, M: 1e6, B: 1e9, T: 1e12 }[unit]!;
}

async function ask(server: Server, question: ModelQuestion): Promise<ModelAnswer> {
  const { signal } = question;
  const window = server.contextTokens + server.thoughtTokens;
  signal?.throwIfAborted();
  const ending = new AbortController();
  const signals = [ending.signal, signal].filter((one) => one !== undefined);
  let [text, thoughts] = ['', 0];
  try {
    for await (const part of await connect(server.host, AbortSignal.any(signals)).chat(toRequest(server, question))) {
      text += part.message.content;
      thoughts += part.message.thinking?.length ?? 0;
      const hasThought = thoughts > 0;
      if (part.done) {
        const counts = countsOf(part);
        checkReadWhole(question, counts.promptTokens, window);
        return { text, hasThought, ...counts };
      }
      if (isEndless(text.length + thoughts, question, server.thoughtTokens)) {
        const tokens = question.maxTokens + server.thoughtTokens;
        return { text, hasThought, promptTokens: 0, answerTokens: tokens, cut: true, speed: null };
      }
    }
    throw new Error('the answer has no end');
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ModelError) throw error;
    if (/context length/.test((error as Error).message)) throw promptTooLong(window, error);
    return explain(error, server.host, server.model);
  } finally {
    ending.abort();
  }
}

/** A server may leave out what it did not count. */
function countsOf(end: Partial<ChatResponse>): Pick<ModelAnswer, 'promptTokens' | 'answerTokens' | 'cut' | 'speed'> {
  const { prompt_eval_count: promptTokens = 0, eval_count: answerTokens = 0, done_reason: reason } = end;
  const { prompt_eval_duration: readNs = 0, eval_duration: writeNs = 0 } = end;
  const speed = { read: (promptTokens / readNs) * 1e9, write: (answerTokens / writeNs) * 1e9 };
  const isKnown = Object.values(speed).every((rate) => rate > 0 && Number.isFinite(rate));
  return { promptTokens, answerTokens, cut: reason === 'length', speed: isKnown ? speed : null };
}

/** With two fields that the client's types lack: they make the server refuse a prompt that is too long, not cut it. */
type Request = ChatRequest & { stream: true; truncate: false; shift: false };

function toRequest(
  { model, contextTokens, thoughtTokens, think }: Server,
  { system, prompt, schema, seed, maxTokens }: ModelQuestion,
): Request {
  return {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: prompt },
    ],
    ...(schema && { format: schema }),
    ...{ stream: true, truncate: false, shift: false },
    // A model that thinks all the same has room for it.
    ...(think !== null && { think }),
    options: {
      ...{ num_ctx: contextTokens + thoughtTokens, num_predict: maxTokens + thoughtTokens, seed },
      // Code that is written anew repeats what it was shown; Ollama's default of 1.1 is against that.
      ...(!schema && { repeat_penalty: 1 }),
    },
  };
}

/** Makes a client for one call, which its signal ends. */
function connect(host: string, signal?: AbortSignal): Ollama {
  return new Ollama({ host, fetch: patientFetch(signal) });
}

/** Finds the model's context: its key starts with the architecture, as in "llama.context_length". */
function maxContext({ model_info: info }: Partial<ShowResponse>): number {
  const found: unknown = Object.entries(info ?? {}).find(([key]) => key.endsWith('.context_length'))?.[1];
  return typeof found === 'number' ? found : Infinity;
}

function wordsOf(host: string, model: string): ServerWords {
  return {
    server: `Ollama at ${host}`,
    model,
    bring: `run "ollama pull ${model}"`,
    letIn: 'sign in with "ollama signin", or correct ollamaHost',
    log: 'see the log of "ollama serve"',
  };
}

function explain(error: unknown, host: string, model: string): never {
  const { message, status_code: status } = error as Error & { status_code?: number };
  const noAnswer = `"${model}" is asked for and Ollama does not answer at ${host}; start it with "ollama serve"`;
  const fail = (text: string) => new ModelError('transient', `hypothesis.model: ${text}`, error);
  if (status === undefined && isNetworkError(error)) throw fail(noAnswer);
  const said = complaint(status, message, wordsOf(host, model), error);
  if (status !== undefined || said.kind === 'lasting') throw said;
  throw fail(`the answer of "${model}" broke off (${message}); see the log of "ollama serve"`);
}
