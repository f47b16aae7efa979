import { parseSource } from '../../adapters/parsers/parse.ts';
import type { ParseResult } from '../../domain/config/problems.ts';
import { readAnswer } from '../../domain/proposal/answers/read-answer.ts';
import type { Brief } from '../../domain/proposal/brief.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { Question } from '../../domain/proposal/prompt.ts';
import { askAgain } from '../../domain/proposal/repair.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { ask, type Answer } from './ask.ts';

interface Asked {
  brief: Brief;
  /** Null for a command source. */
  question: Question | null;
  /** Paths that keep the brief, the answer, and the one to the question that asks again. */
  files: { brief: string; answer: string; again: string };
  /** Set where an answer that cannot be read is asked for again, once. */
  isRepaired: boolean;
}

export interface Draw {
  parsed: ParseResult<Hypothesis>;
  tokens: number;
}

/** Asks for one hypothesis and reads it. Answers are kept as they come, so that none is paid for twice. */
export async function draw(context: StepContext, { brief, question, files, isRepaired }: Asked): Promise<Draw> {
  const answerTo = async (path: string, one: Question | null): Promise<Answer> => {
    const kept = await readJson<Answer>(path);
    if (kept) return kept;
    // The brief stays beside the answer, so that a command source can be run by hand on it.
    await writeAtomically(files.brief, JSON.stringify(brief));
    const answer = await exclusively(context, (held) => ask(held, brief, one));
    await writeAtomically(path, JSON.stringify({ ...answer, question: one }));
    return answer;
  };
  const shown = question?.shown ?? { form: 'blocks', files: brief.files, target: null };
  const first = await answerTo(files.answer, question);
  const parsed = await read(first, shown);
  // No second question mends what a schema bounded.
  const isLost = parsed.ok || !question || question.schema !== null || first.text === '';
  if (isLost || !isRepaired) return { parsed, tokens: first.tokens };
  const prompt = `${question.prompt}\n\n${askAgain(first.text, parsed.problems, shown)}`;
  const second = await answerTo(files.again, { ...question, prompt });
  const reread = await read(second, shown);
  return { parsed: second.text === '' ? parsed : reread, tokens: first.tokens + second.tokens };
}

/** An answer that was cut may have its code whole: words behind it took the room. */
async function read({ text, problem }: Answer, shown: Question['shown']): Promise<ParseResult<Hypothesis>> {
  const fault: ParseResult<Hypothesis> | null = problem === null ? null : { ok: false, problems: [problem] };
  if (fault && text === '') return fault;
  const parsed = await readAnswer(text, shown, (code, path) => parseSource(path, code));
  return parsed.ok || !fault ? parsed : fault;
}
