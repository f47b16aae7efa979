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
  /** "unreachable" may be transient; "missing" needs a person; "refused" concerns one question. */
  readonly kind: 'unreachable' | 'missing' | 'refused';

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
