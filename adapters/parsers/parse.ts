import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Language, ParsedSource } from '../../domain/source/function.ts';

/** UTF-16 units; a longer text is data or generated. */
const maxText = 2 ** 20;
/** Far above what honest text of that size needs on a busy machine. */
const timeoutMs = 20_000;
/** The thread and its grammars are kept so long for the next text. */
const idleMs = 30_000;

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

let thread: Promise<Worker> | null = null;
let idle: NodeJS.Timeout | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Reads the functions of a text that may be hostile, in a thread of bounded memory and time.
 * Null: language unknown, text too long, or the bounds did not suffice.
 */
export function parseSource(path: string, text: string): Promise<ParsedSource | null> {
  const language = languageOf(path);
  if (!language || text.length > maxText) return Promise.resolve(null);
  const answer = last.then(() => ask({ language, text }));
  last = answer.catch(() => undefined);
  return answer;
}

/** @throws where no thread can be started; one that then fails or is late fails by its text */
async function ask(request: { language: Language; text: string }): Promise<ParsedSource | null> {
  clearTimeout(idle);
  const asked = await (thread ??= startThread());
  asked.ref();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const answer = once(asked, 'message', { signal: late.signal });
    asked.postMessage(request);
    const [parsed] = (await answer) as [ParsedSource];
    idle = setTimeout(() => endThread(asked), idleMs).unref();
    return parsed;
  } catch {
    endThread(asked);
    return null;
  } finally {
    clearTimeout(timer);
    asked.unref();
  }
}

async function startThread(): Promise<Worker> {
  const started = new Worker(new URL('./parse-thread.mjs', import.meta.url), {
    execArgv: [],
    // Bounds what is read off the trees; the parser's own memory has its own bound.
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  // A listener that stays: a thread that fails between two texts must not end the process.
  started.on('error', () => endThread(started));
  await once(started, 'message');
  return started;
}

function endThread(ended: Worker): void {
  void ended.terminate();
  thread = null;
}
