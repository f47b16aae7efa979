import { ModelError } from './model.ts';

/** Complaints of a server of models. */
type Fault = 'missing' | 'denied' | 'no credit' | 'no chat' | 'memory' | 'load' | 'question' | 'busy';

/** Words of Ollama, llama.cpp, vLLM and LM Studio, whatever the status. */
const words: [Fault, RegExp][] = [
  ['no chat', /does not support (?:chat|generate)|not a chat model|no chat template/i],
  [
    'memory',
    /(?:more|enough|insufficient|out of|lack of) (?:\w+ )?memory|cannot allocate|(?:failed|unable) to allocate/i,
  ],
  [
    'memory',
    /signal: killed|cudamalloc failed|OutOf(?:Device|Host)?Memory|bad_alloc|\bvram\b|insufficient system resources/i,
  ],
  [
    'load',
    /unable to load model|error loading model|failed to load|unknown model architecture|invalid (?:file )?magic/i,
  ],
  [
    'load',
    /requires a newer version|no longer compatible|runner (?:process )?has (?:terminated|unexpectedly stopped)/i,
  ],
  ['no credit', /insufficient_quota|exceeded your current quota|billing|subscription/i],
  ['missing', /model .*(?:not found|does not exist)|try pulling it/i],
];

/** Sorts a complaint. @param status of HTTP; undefined in the middle of a stream */
function faultOf(status: number | undefined, message: string): Fault {
  if (status === 401 || status === 403) return 'denied';
  if (status === 402) return 'no credit';
  const known = words.find(([, pattern]) => pattern.test(message))?.[0];
  if (known) return known;
  if (status === 404) return 'missing';
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
    ? 'question'
    : 'busy';
}

/** The words that differ between servers. */
export interface ServerWords {
  /** As in "Ollama at http://127.0.0.1:11434". */
  server: string;
  model: string;
  /** Brings a model that is not there. */
  bring: string;
  /** Lets this worker in. */
  letIn: string;
  log: string;
}

const few = 'take a smaller model, or a smaller hypothesis.contextTokens';

/** Makes of a complaint one line with fact and remedy, and says whether it will pass by itself. */
export function complaint(
  status: number | undefined,
  message: string,
  words: ServerWords,
  cause?: unknown,
): ModelError {
  const { server, model, bring, letIn, log } = words;
  const said = `${status === undefined ? '' : `${status}: `}${message}`;
  // Leaves out the server's words: they may hold a part of the key.
  const lines: Record<Fault, [ModelError['kind'], string]> = {
    missing: ['lasting', `"${model}" is not there at ${server}; ${bring}`],
    denied: ['lasting', `${server} does not let this worker in (${status}); ${letIn}`],
    'no credit': ['lasting', `${server} takes no more questions (${said}); see to its account, or take another model`],
    'no chat': [
      'lasting',
      `"${model}" cannot chat (${said}); take a model that answers questions, made for code at best`,
    ],
    memory: ['lasting', `"${model}" does not fit into memory (${said}); ${few}`],
    load: [
      'lasting',
      `${server} cannot load "${model}" (${said}); update the server, bring the model again, or take a smaller one`,
    ],
    question: ['refused', `${server} refused "${model}" (${said}); ${log}`],
    busy: ['transient', `${server} cannot answer with "${model}" now (${said}); ${log}`],
  };
  const [kind, text] = lines[faultOf(status, message)];
  return new ModelError(kind, `hypothesis.model: ${text}`, cause);
}

/** Recognizes errors of system calls, and time-outs, which are aborts. */
export function isNetworkError(error: unknown): boolean {
  const { syscall, code = '', name = '', cause } = error as Partial<Error> & { syscall?: string; code?: string };
  const isKnown = ['ECONNRESET', 'ECONNREFUSED'].includes(code) || ['TimeoutError', 'AbortError'].includes(name);
  return syscall !== undefined || isKnown || error instanceof AggregateError || (cause ? isNetworkError(cause) : false);
}
