/** A language model that can be asked: the one interface of every engine. */
export interface Model {
  /** As records and commits name it, without its engine: "qwen2.5-coder:7b". */
  name: string;
  /** Context window in use, in tokens: as asked for, clamped to the model's own. */
  contextTokens: number;
  /** One answer that keeps to the schema, unless it was cut. Rejects with a ModelError, or with the signal's reason when aborted. */
  ask(question: ModelQuestion): Promise<ModelAnswer>;
}

export interface ModelQuestion {
  system: string;
  /** System and prompt must leave room for the answer in `contextTokens`; what does not fit is refused, never cut. */
  prompt: string;
  /** JSON schema of the answer. */
  schema: object;
  /** The same seed gives the same answer on the same machine, another seed explores. */
  seed: number;
  /** Longest answer, in tokens. */
  maxTokens: number;
  signal?: AbortSignal | undefined;
  /** Called for every piece of the answer: the model is alive. */
  onProgress?: (() => void) | undefined;
}

export interface ModelAnswer {
  text: string;
  promptTokens: number;
  answerTokens: number;
  /** Whether the answer ended at `maxTokens`, so that it is probably no whole JSON value. */
  cut: boolean;
}

/** Thrown when a model cannot be asked: one line with fact and remedy. */
export class ModelError extends Error {
  /** "unreachable" may pass by itself; "missing" needs a person; "refused" is the engine's own complaint about one question. */
  readonly kind: 'unreachable' | 'missing' | 'refused';

  constructor(kind: ModelError['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ModelError';
    this.kind = kind;
  }
}

/** The refusal of a prompt that is too long; the same words for every engine. */
export function promptTooLong(contextTokens: number, cause?: unknown): ModelError {
  return new ModelError(
    'refused',
    `hypothesis.contextTokens: the prompt does not fit into ${contextTokens} tokens; raise it, or let "editable" name fewer or smaller files`,
    cause,
  );
}
