import type { Source } from '../../config/plan.ts';
import type { Shown } from '../form.ts';
import type { CleanLine } from '../../text.ts';
import { wording } from '../wording.ts';
import type { CountedPart, Room } from './pack.ts';
import { countTokens } from './tokens.ts';

/** A prompt with the bounds of its answer, and what is needed to read that. */
export interface Question {
  system: string;
  prompt: string;
  /** JSON schema that bounds the answer; null: free text. */
  schema: object | null;
  /** Longest answer, in tokens. */
  maxTokens: number;
  shown: Shown;
  /** Code that it is about, as `targetName` writes it. */
  target: CleanLine | null;
  /** Parts of the prompt in their order, with the estimate of their tokens; the first is the system's. */
  parts: { name: string; tokens: number }[];
}

/** Bounds that a question must keep to. */
export interface Terms extends Pick<Source, 'contextTokens' | 'form' | 'speed'> {
  /** Tokens that the model makes of one that was counted; default 1. */
  scale?: number;
  /** Longest answer, in tokens; left out: by the code's length. */
  answerTokens?: number | undefined;
}

/** Reading that a question may cost beyond its hot code, in seconds, and in tokens where the speed is not known. */
const [readingSeconds, readingTokens] = [15, 1_500];
/** Tokens that chat templates add. */
const templateTokens = 48;
/** Room of a prompt beside its answer. */
export function roomFor({ contextTokens, speed, scale = 1 }: Terms, maxTokens: number): Room {
  const limit = contextTokens - maxTokens - templateTokens - countTokens(wording.system) * scale;
  const budget = speed ? Math.round(speed.read * readingSeconds) : readingTokens;
  return { limit, budget, scale };
}

/** Joins the parts of a prompt. */
export function questionOf(
  parts: readonly CountedPart[],
  rest: Pick<Question, 'maxTokens' | 'schema' | 'shown' | 'target'>,
  system: string = wording.system,
): Question {
  const counted = parts.map(({ name, tokens }) => ({ name, tokens }));
  return {
    ...{ system, prompt: parts.map(({ text }) => text).join('\n\n'), ...rest },
    parts: [{ name: 'system', tokens: countTokens(system) + templateTokens }, ...counted],
  };
}
