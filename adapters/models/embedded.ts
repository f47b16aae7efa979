import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import versions from '../../domain/versions.json' with { type: 'json' };
import { ModelError, promptTooLong, type Model, type ModelAnswer, type ModelQuestion } from './model.ts';

export const embeddedModelName = 'SmolLM2-135M-Instruct';
/** The window that the model was trained with, in tokens. */
export const embeddedContextTokens = 8192;

export interface EmbeddedModel extends Model {
  /** Ends the engine's process, and with it an answer under way. A later question starts it again. */
  close(): Promise<void>;
}

/**
 * The small model for trying the loop, in a process of its own that starts with the first question, is started again if it crashed,
 * and ends with this one. Questions are answered one at a time.
 * @param options.cacheDirectory where set-up put engine and model; default `${XDG_CACHE_HOME:-~/.cache}/karpathy-loop`
 * @param options.contextTokens clamped to the model's own, which is also the default
 * @throws ModelError "missing" when set-up has not brought engine or model
 */
export function createEmbeddedModel(options: { cacheDirectory?: string; contextTokens?: number } = {}): EmbeddedModel {
  const contextTokens = Math.min(options.contextTokens ?? embeddedContextTokens, embeddedContextTokens);
  const files = engineFiles(
    options.cacheDirectory ?? join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'karpathy-loop'),
  );
  let engine: Promise<Engine> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const answer = async (question: ModelQuestion): Promise<ModelAnswer> => {
    question.signal?.throwIfAborted();
    if (!engine || !isAlive(await engine.catch(() => null))) engine = startEngine(files, contextTokens);
    return askEngine(await engine, question);
  };
  return {
    name: embeddedModelName,
    contextTokens,
    ask(question) {
      const turn = last.then(() => answer(question));
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      const running = await engine?.catch(() => null);
      if (running) await kill(running);
      engine = null;
    },
  };
}

interface Engine {
  child: ChildProcess;
  contextTokens: number;
  /** Resolves when the process is gone, with the last that it said. */
  gone: Promise<string>;
}

type Message =
  { ready: unknown } | { progress: true } | { answer: ModelAnswer } | { tooLong: true } | { error: string };

function engineFiles(cache: string): { entry: string; model: string } {
  const files = {
    entry: join(cache, `engine-${versions.engine}`, 'node_modules', 'node-llama-cpp', 'dist', 'index.js'),
    model: join(cache, 'models', `${embeddedModelName}.gguf`),
  };
  for (const [subject, path] of [['embedded engine', files.entry] as const, ['embedded model', files.model] as const]) {
    if (!existsSync(path))
      throw new ModelError('missing', `${subject}: ${path} is not there; run "node scripts/setup.mjs"`);
  }
  return files;
}

async function startEngine({ entry, model }: { entry: string; model: string }, contextTokens: number): Promise<Engine> {
  // No loader of ours (execArgv, NODE_OPTIONS) is wanted in there.
  const env = { ...process.env, NODE_OPTIONS: undefined };
  const program = fileURLToPath(new URL('./embedded-engine.mjs', import.meta.url));
  const child = fork(program, [entry, model, String(contextTokens)], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => (said = `${said}${chunk}`.slice(-2_000)));
  const gone = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(`${signal ?? `exit code ${code}`}${said ? `: ${said.trim()}` : ''}`)),
  );
  const engine = { child, contextTokens, gone };
  await receive(engine, (message) => ('ready' in message ? message.ready : undefined));
  return engine;
}

async function askEngine(engine: Engine, { signal, onProgress, ...question }: ModelQuestion): Promise<ModelAnswer> {
  hold(engine, true);
  // A question cannot be taken back in the middle of a prompt's evaluation, so an abort ends the process; starting it again takes about a second.
  const abort = () => void engine.child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    if (signal?.aborted) abort();
    engine.child.send({ question }, () => undefined);
    return await receive(engine, (message) => {
      if ('tooLong' in message) throw promptTooLong(engine.contextTokens);
      if ('error' in message) throw new ModelError('refused', `embedded model: ${message.error}; ask in another way`);
      if ('progress' in message) onProgress?.();
      return 'answer' in message ? message.answer : undefined;
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    hold(engine, false);
  }
}

/** The first message of which `read` makes something. Rejects when the process is gone, and not before. */
function receive<T>({ child, gone }: Engine, read: (message: Message) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      child.off('message', listen);
      then();
    };
    const listen = (message: Message) => {
      try {
        const value = read(message);
        if (value !== undefined) settle(() => resolve(value));
      } catch (error) {
        settle(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    };
    child.on('message', listen);
    void gone.then((how) =>
      settle(() =>
        reject(
          new ModelError(
            'unreachable',
            `embedded engine: its process ended (${how}); it is started again with the next question`,
          ),
        ),
      ),
    );
  });
}

function isAlive(engine: Engine | null): boolean {
  return engine !== null && engine.child.exitCode === null && engine.child.signalCode === null;
}

async function kill({ child, gone }: Engine): Promise<void> {
  child.kill('SIGKILL');
  await gone;
}

/** An idle engine does not keep this process from ending. */
function hold({ child }: Engine, busy: boolean): void {
  const method = busy ? 'ref' : 'unref';
  child[method]();
  child.channel?.[method]();
  (child.stderr as unknown as Record<typeof method, () => void>)[method]();
}
