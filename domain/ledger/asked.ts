import { toBlock, toLine, type CleanText } from '../text.ts';

/** What an iteration asked and what came back, as the record's neighbour keeps it. */
export interface Asked {
  version: 1;
  questions: AskedQuestion[];
  /** Later questions that had no room. */
  leftOut: number;
}

/** @typeParam Text text that is not cleaned yet is any string */
export interface AskedQuestion<Text extends string = CleanText> {
  /** 0 for the first hypothesis, then the repairs. */
  attempt: number;
  /** Index among the answers that are drawn for one iteration, from 0. */
  sample: number;
  /** Set where an answer that could not be read was asked for again. */
  isAgain: boolean;
  /** Null for a command source, which gets a brief in place of a prompt. */
  system: Text | null;
  /** The prompt; of a command source its brief as JSON, without the contents of files. */
  prompt: Text;
  /** As it came; empty where none came. */
  answer: Text;
  /** Why there is no answer, or none that is whole; else null. */
  problem: Text | null;
  tokens: number;
}

/** Longest text of one prompt or answer, and of all questions of an iteration as JSON, in characters. */
const maxText = 64_000;
const maxAll = 256_000;

/** Cleans and bounds questions, in order; null where nobody was asked. */
export function toAsked(questions: readonly AskedQuestion<string>[]): Asked | null {
  if (questions.length === 0) return null;
  const kept: AskedQuestion[] = [];
  let size = 0;
  for (const question of questions.map(cleanQuestion)) {
    size += JSON.stringify(question).length;
    if (size > maxAll) break;
    kept.push(question);
  }
  return { version: 1, questions: kept, leftOut: questions.length - kept.length };
}

/** Reads what lies beside a record, whose text anybody may have written; null where it is none. */
export function parseAsked(json: string): Asked | null {
  try {
    const { questions, leftOut } = JSON.parse(json) as Asked;
    return { version: 1, questions: questions.map(cleanQuestion), leftOut };
  } catch {
    return null;
  }
}

function cleanQuestion(question: AskedQuestion<string>): AskedQuestion {
  const { attempt, sample, isAgain, system, prompt, answer, problem, tokens } = question;
  return {
    ...{ attempt, sample, isAgain, tokens },
    system: system === null ? null : toBlock(system, maxText),
    prompt: toBlock(prompt, maxText),
    answer: toBlock(answer, maxText),
    problem: problem === null ? null : toLine(problem, 400),
  };
}
