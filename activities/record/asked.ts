import { readdir } from 'node:fs/promises';
import { toAsked, type Asked, type AskedQuestion } from '../../domain/ledger/asked.ts';
import type { Brief } from '../../domain/proposal/brief.ts';
import type { Question } from '../../domain/proposal/prompt.ts';
import { readJson } from '../../store/files.ts';
import { iterationPaths, loopPaths } from '../../store/layout.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

interface KeptAnswer {
  text: string;
  problem: string | null;
  tokens: number;
  question: Question | null;
}

/** Gathers what this worker asked in an iteration, for the record; null where it asked nobody. */
export async function readAsked({ directory }: OpenLoop, iteration: number): Promise<Asked | null> {
  const place = loopPaths(directory).iteration(iteration);
  const paths = iterationPaths(place);
  const found = (await readdir(place).catch(() => [])).flatMap((name) => answerOf(name) ?? []);
  const questions: AskedQuestion<string>[] = [];
  for (const { attempt, sample, isAgain } of found.sort(byTurn)) {
    const name = sample > 0 ? `-${sample}` : '';
    const kept = await readJson<KeptAnswer>(isAgain ? paths.again(attempt, name) : paths.answer(attempt, name));
    if (!kept) continue;
    const { text, problem, tokens, question } = kept;
    const brief = question ? null : await readJson<Brief>(paths.brief(attempt, name));
    questions.push({
      ...{ attempt, sample, isAgain, tokens, problem },
      system: question && question.system,
      prompt: question ? question.prompt : briefText(brief),
      answer: text,
    });
  }
  return toAsked(questions);
}

type Turn = Pick<AskedQuestion, 'attempt' | 'sample' | 'isAgain'>;

/** Reads the names that `iterationPaths` gives. */
function answerOf(name: string): Turn | null {
  const [, attempt, sample = '0', again] = /^answer-(\d+)(?:-(\d+))?(-again)?\.json$/.exec(name) ?? [];
  return attempt === undefined
    ? null
    : { attempt: Number(attempt), sample: Number(sample), isAgain: again !== undefined };
}

function byTurn(a: Turn, b: Turn): number {
  return a.attempt - b.attempt || a.sample - b.sample || Number(a.isAgain) - Number(b.isAgain);
}

/** Names the files alone: their contents are the champion's. */
function briefText(brief: Brief | null): string {
  if (!brief) return '';
  return JSON.stringify({ ...brief, files: brief.files.map(({ path }) => path) }, null, 2);
}
