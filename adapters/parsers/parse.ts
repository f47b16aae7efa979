import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { SourceFacts } from '../../domain/adoption/limits.ts';
import type { Language, ParsedSource } from '../../domain/source/function.ts';
import { ownProgram } from '../own-files.ts';

/** UTF-16 units; a longer text is data or generated. */
const maxText = 2 ** 20;
/** Far above what honest text of that size needs on a busy machine. */
const timeoutMs = 20_000;
/** The process and its grammars are kept so long for the next text: longer than most iterations take. */
const idleMs = 60_000;

const languages: [RegExp, Language][] = [
  [/\.([cm]?js|jsx)$/, 'javascript'],
  [/(?<!\.d)\.[cm]?ts$/, 'typescript'],
  [/\.tsx$/, 'tsx'],
  [/\.py$/, 'python'],
  [/\.go$/, 'go'],
  [/\.rs$/, 'rust'],
];

export function languageOf(path: string): Language | null {
  return languages.find(([ending]) => ending.test(path))?.[1] ?? null;
}

let reader: Promise<ChildProcess> | null = null;
let newest: ChildProcess | null = null;
let idle: NodeJS.Timeout | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Reads the functions of a text that may be hostile, in a process of bounded memory and time.
 * Null: language unknown, text too long, or the bounds did not suffice.
 */
export function parseSource(path: string, text: string): Promise<ParsedSource | null> {
  return inTurn<ParsedSource>(path, { text });
}

/** Digests a text without comments, white space and local names. Null likewise, and for a text with errors. */
export async function normalForm(path: string, text: string): Promise<string | null> {
  return (await inTurn<{ form: string | null }>(path, { text, isForm: true }))?.form ?? null;
}

/** Reads what a JavaScript or TypeScript text imports and names. Null likewise, and for a text with errors. */
export async function sourceFacts(path: string, text: string): Promise<SourceFacts | null> {
  return (await inTurn<{ names: SourceFacts | null }>(path, { text, areNames: true }))?.names ?? null;
}

async function inTurn<Answer>(path: string, request: Omit<Request, 'language'>): Promise<Answer | null> {
  const language = languageOf(path);
  if (!language || request.text.length > maxText) return null;
  const answer = last.then(() => ask({ language, ...request }));
  last = answer.catch(() => undefined);
  return (await answer) as Answer | null;
}

interface Request {
  language: Language;
  text: string;
  isForm?: boolean;
  areNames?: boolean;
}

/** @throws where no process can be started; one that then fails or is late fails by its text */
async function ask(request: Request): Promise<unknown> {
  clearTimeout(idle);
  const asked = await (reader ??= start());
  try {
    const answer = nextMessage(asked);
    asked.send(request);
    const parsed = await answer;
    idle = setTimeout(() => end(asked), idleMs).unref();
    return parsed;
  } catch {
    end(asked);
    return null;
  }
}

/** No thread: one that runs out of memory can end the whole worker. */
async function start(): Promise<ChildProcess> {
  const { file, execArgv, env } = ownProgram('adapters/parsers/parse-process.mjs');
  const started = fork(file, {
    // Bounds what is read off the trees; the parser's own memory has its own bound.
    execArgv: ['--max-old-space-size=512', ...execArgv],
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  newest = started;
  // A listener that stays: one that fails between two texts must not end the worker.
  started.on('error', () => end(started));
  started.once('exit', () => end(started));
  try {
    await nextMessage(started);
  } catch (error) {
    end(started);
    const remedy = 'install the loop again, and see that the machine has memory left';
    throw new Error(`parser: the process that reads source files did not start; ${remedy}`, { cause: error });
  }
  return started;
}

/** Holds this process open only as long as it waits. @throws where the other ends, or is late */
async function nextMessage(from: ChildProcess): Promise<unknown> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  from.ref();
  from.channel?.ref();
  try {
    const gone = once(from, 'exit', late).then(() => Promise.reject(new Error('the process ended')));
    const [message] = (await Promise.race([once(from, 'message', late), gone])) as [unknown];
    return message;
  } finally {
    clearTimeout(timer);
    late.abort();
    from.unref();
    from.channel?.unref();
  }
}

function end(ended: ChildProcess): void {
  ended.kill('SIGKILL');
  if (ended === newest) reader = null;
}
