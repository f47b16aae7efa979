/** A language model that can be asked: the one interface of every engine. */
export interface Model {
  /** Name in records and commits, without the engine: "qwen2.5-coder:7b". */
  name: string;
  /** Context window in use, in tokens, clamped to the model's own. */
  contextTokens: number;
  /** Gives one answer that keeps to the schema, unless cut. @throws ModelError, or the signal's reason when aborted */
  ask(question: ModelQuestion): Promise<ModelAnswer>;
}

export interface ModelQuestion {
  system: string;
  /** Refused where system, prompt and `maxTokens` exceed `contextTokens`; never cut. */
  prompt: string;
  /** JSON schema of the answer. */
  schema: object;
  /** The same seed gives the same answer on the same machine, another seed explores. */
  seed: number;
  maxTokens: number;
  signal?: AbortSignal | undefined;
}

export interface ModelAnswer {
  text: string;
  promptTokens: number;
  answerTokens: number;
  /** The answer ended at `maxTokens` and is probably no whole JSON value. */
  cut: boolean;
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
