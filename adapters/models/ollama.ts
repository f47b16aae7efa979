import { Ollama, type ChatRequest, type ChatResponse, type ShowResponse } from 'ollama';
import { ModelError, promptTooLong, type Model, type ModelAnswer, type ModelQuestion } from './model.ts';
import { patientFetch } from './patient-fetch.ts';

const listTimeoutMs = 2_000;
const showTimeoutMs = 30_000;

/**
 * Lists the models of the Ollama at `host`, or returns null where none answers.
 * @param host such as "http://127.0.0.1:11434"
 */
export async function findOllama(host: string): Promise<{ models: string[] } | null> {
  try {
    const { models } = await connect(host, AbortSignal.timeout(listTimeoutMs)).list();
    return { models: models.map(({ name }) => name) };
  } catch {
    return null;
  }
}

/** Most room for thoughts, in tokens: at its lowest level a reasoning model uses some hundreds. */
const maxThoughtTokens = 4_096;

/**
 * Connects to a model; `contextTokens` is clamped to its own, and a quarter of it at most is room for thoughts.
 * @throws ModelError "unreachable" when no Ollama answers, "missing" when the model was not pulled
 */
export async function createOllamaModel({ host, model, ...wanted }: Wanted): Promise<Model> {
  const facts: Partial<ShowResponse> = await connect(host, AbortSignal.timeout(showTimeoutMs))
    .show({ model })
    .catch((error: unknown) => explain(error, host, model));
  const window = Math.min(wanted.contextTokens, maxContext(facts));
  const think = thinkingOf(facts);
  const thoughtTokens = think === null ? 0 : Math.min(maxThoughtTokens, Math.floor(window / 4));
  const server = { host, model, contextTokens: window - thoughtTokens, thoughtTokens, think };
  const { contextTokens } = server;
  const parameters = readParameters(facts.details?.parameter_size);
  return { name: model, contextTokens, thoughtTokens, parameters, ask: (question) => ask(server, question) };
}

interface Wanted {
  host: string;
  model: string;
  contextTokens: number;
}

interface Server extends Wanted {
  thoughtTokens: number;
  /** How it is asked to think least; null: it cannot think. */
  think: false | 'low' | null;
}

/** Older servers do not tell capabilities. gpt-oss takes levels alone, and thinks on where it is told not to. */
function thinkingOf({ capabilities, details }: Partial<ShowResponse>): Server['think'] {
  if (!capabilities?.includes('thinking')) return null;
  return details?.family === 'gptoss' ? 'low' : false;
}

/** Reads a number of parameters as Ollama prints it: "134.52M", "7.6B". */
function readParameters(size: string | undefined): number | null {
  const [, count, unit = ''] = /^([\d.]+)([KMBT])$/.exec(size ?? '') ?? [];
  return count === undefined ? null : Number(count) * { K: 1e3, M: 1e6, B: 1e9, T: 1e12 }[unit]!;
}

async function ask(server: Server, question: ModelQuestion): Promise<ModelAnswer> {
  const { signal } = question;
  signal?.throwIfAborted();
  let text = '';
  let hasThought = false;
  try {
    for await (const part of await connect(server.host, signal).chat(toRequest(server, question))) {
      text += part.message.content;
      hasThought ||= (part.message.thinking ?? '') !== '';
      if (part.done) return { text, hasThought, ...countsOf(part) };
    }
    throw new Error('the answer has no end');
  } catch (error) {
    signal?.throwIfAborted();
    if (/context length/.test((error as Error).message)) throw promptTooLong(server.contextTokens, error);
    return explain(error, server.host, server.model);
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
    options: { num_ctx: contextTokens + thoughtTokens, num_predict: maxTokens + thoughtTokens, seed },
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

function explain(error: unknown, host: string, model: string): never {
  const { message, status_code: status } = error as Error & { status_code?: number };
  const fail = (kind: ModelError['kind'], text: string) => new ModelError(kind, `hypothesis.model: ${text}`, error);
  if (status === 404) throw fail('missing', `"${model}" is not there; run "ollama pull ${model}"`);
  const log = 'see the log of "ollama serve"';
  if (status !== undefined && status !== 429 && status < 500)
    throw fail('refused', `Ollama refused "${model}" (${status}: ${message}); ${log}`);
  if (status !== undefined)
    throw fail('unreachable', `Ollama cannot answer with "${model}" now (${status}: ${message}); ${log}`);
  const noAnswer = `"${model}" is asked for and Ollama does not answer at ${host}; start it with "ollama serve"`;
  if (isNetworkError(error)) throw fail('unreachable', noAnswer);
  throw fail('unreachable', `the answer of "${model}" broke off (${message}); ${log}`);
}

/** Recognizes errors of system calls, and time-outs, which are aborts. */
function isNetworkError(error: unknown): boolean {
  const { syscall, code = '', name = '' } = error as { syscall?: string; code?: string; name?: string };
  const isKnown = ['ECONNRESET', 'ECONNREFUSED'].includes(code) || ['TimeoutError', 'AbortError'].includes(name);
  return syscall !== undefined || isKnown || error instanceof AggregateError;
}
