import { bringUpToDate } from '../../ledger/sync.ts';
import { toQuestion } from '../../domain/proposal/prompt.ts';
import type { HypothesizeAnswer, HypothesizeInput } from '../../domain/steps.ts';
import { toBlock } from '../../domain/text.ts';
import { iterationPaths, loopPaths } from '../../store/layout.ts';
import type { StepContext } from '../loop/context.ts';
import { refused } from '../loop/refusal.ts';
import { draw } from '../propose/draw.ts';
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
  if (asked?.ok === false) return { kind: 'none', detail: toBlock(asked.problems.join('\n'), 2_000), tokens: 0 };
  const question = asked?.value ?? null;
  const files = { brief: paths.brief(attempt), answer: paths.answer(attempt), again: paths.again(attempt) };
  const isRepaired = attempt === 0 && loop.plan.config.hypothesis.repairs > 0;
  const { parsed, tokens } = await draw(context, { brief, question, files, isRepaired });
  if (!parsed.ok) return { kind: 'none', detail: toBlock(parsed.problems.join('\n'), 2_000), tokens };
  const about = question?.target ?? parsed.value.target;
  return { kind: 'hypothesis', hypothesis: { ...parsed.value, ...(about && { target: about }) }, tokens };
}
