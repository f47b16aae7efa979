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

/**
 * Connects to a model; `contextTokens` is clamped to its own.
 * @throws ModelError "unreachable" when no Ollama answers, "missing" when the model was not pulled
 */
export async function createOllamaModel({ host, model, ...wanted }: Omit<Server, 'thinks'>): Promise<Model> {
  const facts: Partial<ShowResponse> = await connect(host, AbortSignal.timeout(showTimeoutMs))
    .show({ model })
    .catch((error: unknown) => explain(error, host, model));
  const contextTokens = Math.min(wanted.contextTokens, maxContext(facts));
  // Older servers do not tell capabilities.
  const thinks = facts.capabilities?.includes('thinking') ?? false;
  return { name: model, contextTokens, ask: (question) => ask({ host, model, contextTokens, thinks }, question) };
}

interface Server {
  host: string;
  model: string;
  contextTokens: number;
  thinks: boolean;
}

async function ask(server: Server, question: ModelQuestion): Promise<ModelAnswer> {
  const { signal } = question;
  signal?.throwIfAborted();
  let text = '';
  try {
    for await (const part of await connect(server.host, signal).chat(toRequest(server, question))) {
      text += part.message.content;
      // A server may leave out what it did not count.
      const { prompt_eval_count: promptTokens = 0, eval_count: answerTokens = 0 } = part as Partial<ChatResponse>;
      if (part.done) return { text, promptTokens, answerTokens, cut: part.done_reason === 'length' };
    }
    throw new Error('the answer has no end');
  } catch (error) {
    signal?.throwIfAborted();
    if (/context length/.test((error as Error).message)) throw promptTooLong(server.contextTokens, error);
    return explain(error, server.host, server.model);
  }
}

/** With two fields that the client's types lack: they make the server refuse a prompt that is too long, not cut it. */
type Request = ChatRequest & { stream: true; truncate: false; shift: false };

function toRequest(
  { model, contextTokens, thinks }: Server,
  { system, prompt, schema, seed, maxTokens }: ModelQuestion,
): Request {
  return {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: prompt },
    ],
    format: schema,
    ...{ stream: true, truncate: false, shift: false },
    // Thoughts would use up maxTokens before the answer begins.
    ...(thinks ? { think: false } : {}),
    options: { num_ctx: contextTokens, num_predict: maxTokens, seed },
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
