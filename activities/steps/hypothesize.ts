import { bringUpToDate } from '../../ledger/sync.ts';
import { parseHypothesis, type Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { ParseResult } from '../../domain/config/problems.ts';
import { toQuestion } from '../../domain/proposal/prompt.ts';
import { readPlainly } from '../../domain/proposal/question/read.ts';
import type { HypothesizeAnswer, HypothesizeInput } from '../../domain/steps.ts';
import { toBlock } from '../../domain/text.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { iterationPaths, loopPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { refused } from '../loop/refusal.ts';
import { ask, type Answer } from '../propose/ask.ts';
import { makeBrief } from '../propose/make-brief.ts';

/** Asks the loop's source for one hypothesis. The answer is kept, so that one that came is never paid for twice. */
export async function hypothesize(context: StepContext, input: HypothesizeInput): Promise<HypothesizeAnswer> {
  const { loop } = context;
  const { attempt, iteration } = input;
  if (!Number.isInteger(attempt)) throw refused(`attempt: ${JSON.stringify(attempt)} is not a number`);
  // Another host may have collected, and others may have written the ledger meanwhile.
  await bringUpToDate(loop.clone, loop.repository, loop.plan, input.champion);
  const brief = await makeBrief(loop, input);
  const { source, config } = loop.plan;
  const { answerTokens } = config.hypothesis;
  const asked = source.kind === 'command' ? null : toQuestion(brief, { ...source, answerTokens });
  const paths = iterationPaths(loopPaths(loop.directory).iteration(iteration));
  let answer = await readJson<Answer>(paths.answer(attempt));
  const question = asked?.ok ? asked.value : null;
  if (asked && !asked.ok) answer ??= { text: '', problem: asked.problems.join('\n'), tokens: 0 };
  if (!answer) {
    // The brief stays beside the answer, so that a command source can be run by hand on it.
    await writeAtomically(paths.brief(attempt), JSON.stringify(brief));
    answer = await exclusively(context, (held) => ask(held, brief, question));
    await writeAtomically(paths.answer(attempt), JSON.stringify({ ...answer, question }));
  }
  const { tokens } = answer;
  const parsed: ParseResult<Hypothesis> = answer.problem
    ? { ok: false, problems: [answer.problem] }
    : question
      ? readPlainly(answer.text, question.shown)
      : parseHypothesis(answer.text);
  if (!parsed.ok) return { kind: 'none', detail: toBlock(parsed.problems.join('\n'), 2_000), tokens };
  const about = question?.target ?? parsed.value.target;
  return { kind: 'hypothesis', hypothesis: { ...parsed.value, ...(about && { target: about }) }, tokens };
}
