import { Ollama, type ChatRequest, type ChatResponse, type ShowResponse } from 'ollama';
import { ModelError, promptTooLong, type Model, type ModelAnswer, type ModelQuestion } from './model.ts';
import { patientFetch } from './patient-fetch.ts';

/** Milliseconds in which an Ollama that is there says so. */
const greetingMs = 2_000;
const showMs = 30_000;

/**
 * The models of the Ollama at `host`, or null where none answers.
 * @param host such as "http://127.0.0.1:11434"
 */
export async function findOllama(host: string): Promise<{ models: string[] } | null> {
  try {
    const { models } = await connect(host, AbortSignal.timeout(greetingMs)).list();
    return { models: models.map(({ name }) => name) };
  } catch {
    return null;
  }
}

/**
 * A model of an Ollama server, through its native API.
 * @param options.contextTokens clamped to the model's own
 * @throws ModelError "unreachable" when no Ollama answers, "missing" when the model was not pulled
 */
export async function createOllamaModel({
  host,
  model,
  contextTokens,
}: {
  host: string;
  model: string;
  contextTokens: number;
}): Promise<Model> {
  const facts = await connect(host, AbortSignal.timeout(showMs))
    .show({ model })
    .catch((error: unknown) => explain(error, host, model));
  const server: Server = {
    host,
    model,
    contextTokens: Math.min(contextTokens, ownContext(facts) ?? contextTokens),
    thinks: thinks(facts),
  };
  return { name: model, contextTokens: server.contextTokens, ask: (question) => ask(server, question) };
}

interface Server {
  host: string;
  model: string;
  contextTokens: number;
  thinks: boolean;
}

async function ask(server: Server, question: ModelQuestion): Promise<ModelAnswer> {
  const { signal, onProgress } = question;
  signal?.throwIfAborted();
  let text = '';
  try {
    for await (const part of await connect(server.host, signal).chat(toRequest(server, question))) {
      onProgress?.();
      text += part.message.content;
      if (part.done) return { text, ...counts(part) };
    }
    throw new Error('the answer has no end');
  } catch (error) {
    signal?.throwIfAborted();
    if (/context length/.test((error as Error).message)) throw promptTooLong(server.contextTokens, error);
    return explain(error, server.host, server.model);
  }
}

/** A request as a client's types have it, and what the server knows beside: a prompt that is too long is refused, not cut in silence. */
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
    stream: true,
    truncate: false,
    shift: false,
    // Thoughts would use up maxTokens before the answer begins.
    ...(thinks ? { think: false } : {}),
    options: { num_ctx: contextTokens, num_predict: maxTokens, seed },
  };
}

/** A client per call: its signal then ends this call alone. */
function connect(host: string, signal?: AbortSignal): Ollama {
  return new Ollama({ host, fetch: patientFetch(signal) });
}

/** Servers leave out what they do not count. */
function counts({
  prompt_eval_count: promptTokens = 0,
  eval_count: answerTokens = 0,
  done_reason: reason,
}: Partial<ChatResponse>): Omit<ModelAnswer, 'text'> {
  return { promptTokens, answerTokens, cut: reason === 'length' };
}

/** Older servers do not tell capabilities. */
function thinks({ capabilities }: Partial<ShowResponse>): boolean {
  return capabilities?.includes('thinking') ?? false;
}

/** The key has the architecture before it, such as "llama.context_length". The client's type says Map; it is a plain object. */
function ownContext({ model_info: info }: Partial<ShowResponse>): number | undefined {
  const found: unknown = Object.entries(info ?? {}).find(([key]) => key.endsWith('.context_length'))?.[1];
  return typeof found === 'number' ? found : undefined;
}

function explain(error: unknown, host: string, model: string): never {
  const { message, status_code: status } = error as Error & { status_code?: number };
  if (status === 404)
    throw new ModelError('missing', `hypothesis.model: "${model}" is not there; run "ollama pull ${model}"`, error);
  if (status !== undefined && status !== 429 && status < 500)
    throw new ModelError(
      'refused',
      `hypothesis.model: Ollama refused "${model}" (${status}: ${message}); see the log of "ollama serve"`,
      error,
    );
  // Busy, or its runner died: that may pass by itself.
  if (status !== undefined)
    throw new ModelError(
      'unreachable',
      `hypothesis.model: Ollama cannot answer with "${model}" now (${status}: ${message}); see the log of "ollama serve"`,
      error,
    );
  if (isNetworkError(error))
    throw new ModelError(
      'unreachable',
      `hypothesis.model: "${model}" is asked for and Ollama does not answer at ${host}; start it with "ollama serve"`,
      error,
    );
  throw new ModelError(
    'unreachable',
    `hypothesis.model: the answer of "${model}" broke off (${message}); see the log of "ollama serve"`,
    error,
  );
}

/** Node's network errors carry the name of a system call, and time-outs are aborts. */
function isNetworkError(error: unknown): boolean {
  const { syscall, code, name } = error as { syscall?: string; code?: string; name?: string };
  return (
    syscall !== undefined ||
    code === 'ECONNRESET' ||
    code === 'ECONNREFUSED' ||
    name === 'TimeoutError' ||
    name === 'AbortError' ||
    error instanceof AggregateError
  );
}
