import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import versions from '../tool-versions.json' with { type: 'json' };
import { ownFile } from '../own-files.ts';
import { ModelError, promptTooLong, type Model, type ModelAnswer, type ModelQuestion } from './model.ts';

/** The one that set-up brings. */
export const defaultModel = 'SmolLM2-135M-Instruct';
const bringOther = 'put its GGUF file there';
/** A larger window would take more memory than a small model is worth; in tokens. */
const maxContextTokens = 16_384;

export interface EmbeddedModel extends Model {
  /** Ends the engine's process, and with it an answer under way. A later question starts it again. */
  close(): Promise<void>;
}

interface EmbeddedOptions {
  /** Name of a GGUF file in the cache's folder "models"; default SmolLM2-135M-Instruct. */
  model?: string;
  /** Directory of engine and model, as set-up made it; default `${XDG_CACHE_HOME:-~/.cache}/karpathy-loop`. */
  cacheDirectory?: string;
  /** Clamped to the model's own, which is also the default. */
  contextTokens?: number;
}

/**
 * Starts a model in a process of its own.
 * @throws ModelError where engine or model are not there, or cannot be loaded
 */
export async function openEmbeddedModel(options: EmbeddedOptions = {}): Promise<EmbeddedModel> {
  const name = options.model ?? defaultModel;
  const files = presentFiles(name, options.cacheDirectory);
  const wanted = Math.min(options.contextTokens ?? maxContextTokens, maxContextTokens);
  const first = await startEngine(files, wanted).catch((error: unknown) => {
    const remedy = `bring it again, or name another as embeddedModel in the worker's settings`;
    throw new ModelError(
      'lasting',
      `embedded model: "${name}" cannot be loaded (${(error as Error).message}); ${remedy}`,
    );
  });
  const { contextTokens, parameters } = first;
  let engine: Promise<Engine> | null = Promise.resolve(first);
  let last: Promise<unknown> = Promise.resolve();

  const answer = async (question: ModelQuestion): Promise<ModelAnswer> => {
    question.signal?.throwIfAborted();
    const { child } = (await engine?.catch(() => null)) ?? {};
    if (!engine || child?.exitCode !== null || child.signalCode !== null) engine = startEngine(files, contextTokens);
    return askEngine(await engine, question);
  };
  return {
    name,
    contextTokens,
    thoughtTokens: 0,
    parameters,
    ask(question) {
      const turn = last.then(() => answer(question));
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      const running = await engine?.catch(() => null);
      // Else nothing would keep this process until the engine's has ended.
      if (running) hold(running, true);
      running?.child.kill('SIGKILL');
      await running?.gone;
      engine = null;
    },
  };
}

interface Engine {
  child: ChildProcess;
  contextTokens: number;
  parameters: number | null;
  /** Resolves when the process is gone, with its exit code or signal and the end of its standard error. */
  gone: Promise<string>;
}

/** Sent when the engine is ready, and then for each question. */
type Message =
  | { ready: Pick<Engine, 'contextTokens' | 'parameters'> }
  | { answer: ModelAnswer }
  | { tooLong: true }
  | { error: string };

/** Tells where engine and model lie once set-up has brought them. */
export function embeddedFiles(
  model = defaultModel,
  cacheDirectory = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'karpathy-loop'),
): { engine: string; model: string } {
  const engine = join(`engine-${versions.engine}`, 'node_modules', 'node-llama-cpp', 'dist', 'index.js');
  return { engine: join(cacheDirectory, engine), model: join(cacheDirectory, 'models', `${model}.gguf`) };
}

function presentFiles(model: string, cacheDirectory: string | undefined): { engine: string; model: string } {
  const files = embeddedFiles(model, cacheDirectory);
  for (const [subject, path] of Object.entries(files))
    if (!existsSync(path))
      throw new ModelError(
        'lasting',
        `embedded ${subject}: ${path} is not there; ${subject === 'model' && model !== defaultModel ? bringOther : 'run "npx karpathy-loop setup"'}`,
      );
  return files;
}

async function startEngine(files: ReturnType<typeof embeddedFiles>, contextTokens: number): Promise<Engine> {
  const program = ownFile('adapters/models/embedded-engine.mjs');
  const child = fork(program, [files.engine, files.model, String(contextTokens)], {
    // Keeps the worker's loaders out of it.
    env: { ...process.env, NODE_OPTIONS: undefined },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => (said = `${said}${chunk}`.slice(-2_000)));
  const gone = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(`${signal ?? `exit code ${code}`}${said ? `: ${said.trim()}` : ''}`)),
  );
  const engine = { child, contextTokens, parameters: null, gone };
  const message = await nextMessage(engine);
  // An idle engine does not keep this process from ending.
  hold(engine, false);
  if ('ready' in message) return { ...engine, ...message.ready };
  throw new ModelError('transient', 'embedded engine: its first message is none of its own; start it again');
}

async function askEngine(engine: Engine, { signal, ...question }: ModelQuestion): Promise<ModelAnswer> {
  hold(engine, true);
  // The engine cannot stop within a prompt, so an abort ends its process; a new start takes about a second.
  const abort = () => void engine.child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    if (signal?.aborted) abort();
    engine.child.send({ question }, () => undefined);
    const message = await nextMessage(engine);
    if ('answer' in message) return message.answer;
    if ('tooLong' in message) throw promptTooLong(engine.contextTokens);
    const text = 'error' in message ? message.error : 'it gave no answer';
    throw new ModelError('refused', `embedded model: ${text}; ask in another way`);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    hold(engine, false);
  }
}

/** Rejects when the process is gone, and not before. */
function nextMessage({ child, gone }: Engine): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    void gone.then((how) => {
      child.off('message', resolve);
      const text = `embedded engine: its process ended (${how}); it is started again with the next question`;
      reject(new ModelError('transient', text));
    });
  });
}

/** Lets an idle engine not keep this process from ending. */
function hold({ child }: Engine, isBusy: boolean): void {
  const method = isBusy ? 'ref' : 'unref';
  child[method]();
  child.channel?.[method]();
  (child.stderr as unknown as Record<typeof method, () => void>)[method]();
}
