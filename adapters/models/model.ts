/** A language model that can be asked: the one interface of every engine. */
export interface Model {
  /** Name in records and commits, without the engine: "qwen2.5-coder:7b". */
  name: string;
  /** Room for prompt and answer together, in tokens; with the thoughts' clamped to the model's own window. */
  contextTokens: number;
  /** Further room for thoughts, in tokens; 0 where the model has none. */
  thoughtTokens: number;
  /** Number of parameters; null: the engine does not tell. */
  parameters: number | null;
  /** Gives one answer that keeps to the schema, unless cut. @throws ModelError, or the signal's reason when aborted */
  ask(question: ModelQuestion): Promise<ModelAnswer>;
}

export interface ModelQuestion {
  system: string;
  /** Refused where system, prompt and `maxTokens` exceed `contextTokens`; never cut. */
  prompt: string;
  /** JSON schema of the answer; null: free text. */
  schema: object | null;
  /** The same seed gives the same answer on the same machine, another seed explores. */
  seed: number;
  /** Longest answer, in tokens. Thoughts have their own room. */
  maxTokens: number;
  signal?: AbortSignal | undefined;
}

export interface ModelAnswer {
  text: string;
  promptTokens: number;
  /** Tokens of answer and thoughts. */
  answerTokens: number;
  /** The answer ended at its longest, and is probably not whole. */
  cut: boolean;
  /** The model thought before it answered, or in place of it. */
  hasThought: boolean;
  /** Tokens a second; null where the engine does not tell. */
  speed: { read: number; write: number } | null;
}

/** A model could not be asked: one line with fact and remedy. */
export class ModelError extends Error {
  /** "transient" may pass by itself; "lasting" needs a person; "refused" concerns one question. */
  readonly kind: 'transient' | 'lasting' | 'refused';

  constructor(kind: ModelError['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ModelError';
    this.kind = kind;
  }
}

/** Makes the refusal of a prompt that is too long, for every engine. */
export function promptTooLong(contextTokens: number, cause?: unknown): ModelError {
  const remedy = 'raise it, or let "editable" name fewer or smaller files';
  const text = `hypothesis.contextTokens: the prompt does not fit into ${contextTokens} tokens; ${remedy}`;
  return new ModelError('refused', text, cause);
}

/** Most room for thoughts, in tokens: at its lowest level a reasoning model uses some hundreds. */
const maxThoughtTokens = 4_096;

/** Divides a model's window: a quarter of it at most is for thoughts. @param known the room found before */
export function divideWindow(window: number, mayThink: boolean, known?: number) {
  const wanted = known ?? (mayThink ? maxThoughtTokens : 0);
  const thoughtTokens = Math.min(wanted, Math.floor(window / 4));
  return { contextTokens: window - thoughtTokens, thoughtTokens };
}

/** In characters: code has three or four a token. More of a long prompt shows that a server has cut it in silence. */
const maxCharactersPerToken = 10;
const fewTokens = 1_000;

/** @throws ModelError where the server's own count shows that it read only a part of the prompt */
export function checkReadWhole({ system, prompt }: ModelQuestion, readTokens: number, window: number): void {
  const characters = system.length + prompt.length;
  if (readTokens >= window || (readTokens > fewTokens && characters > readTokens * maxCharactersPerToken)) {
    const fact = `the server read ${readTokens} tokens of a prompt of ${characters} characters, and so cut it`;
    const remedy = 'give its model a larger context, or set this to the one it has; or update the server';
    throw new ModelError('lasting', `hypothesis.contextTokens: ${fact}; ${remedy}`);
  }
}

/** Tells a streamed answer that has no end: no token has more characters. */
export function isEndless(characters: number, { maxTokens }: ModelQuestion, thoughtTokens: number): boolean {
  return characters > 64 * (maxTokens + thoughtTokens) + 10_000;
}
