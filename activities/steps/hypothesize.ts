import { bringUpToDate } from '../../ledger/sync.ts';
import { samplesOf } from '../../domain/config/effort.ts';
import type { Screened } from '../../domain/ledger/screened.ts';
import type { Brief } from '../../domain/proposal/brief.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import { toQuestion } from '../../domain/proposal/prompt.ts';
import type { HypothesizeAnswer, HypothesizeInput } from '../../domain/steps.ts';
import { toBlock, toLine } from '../../domain/text.ts';
import { iterationPaths, loopPaths } from '../../store/layout.ts';
import type { StepContext } from '../loop/context.ts';
import { refused } from '../loop/refusal.ts';
import { carryOver, type CarryOver } from '../propose/carry-over.ts';
import { distinct } from '../propose/distinct.ts';
import { draw, type Draw } from '../propose/draw.ts';
import { briefMaker } from '../propose/make-brief.ts';
import { tuneNext } from '../propose/tune.ts';

/**
 * Asks the loop's source for hypotheses, and keeps each answer as it comes, so that none is paid for twice.
 */
export async function hypothesize(context: StepContext, input: HypothesizeInput): Promise<HypothesizeAnswer> {
  const { loop } = context;
  const { attempt } = input;
  if (!Number.isInteger(attempt)) throw refused(`attempt: ${JSON.stringify(attempt)} is not a number`);
  // Another host may have collected, and others may have written the ledger meanwhile.
  await bringUpToDate(loop.clone, loop.repository, loop.plan, input.champion);
  const carried = input.iteration === 1 ? await carryOver(loop) : null;
  if (carried?.hypothesis) return carriedAnswer(carried, carried.hypothesis, input);
  if (loop.plan.source.kind === 'tune') return tuneNext(context, input);
  const samples = attempt > 0 ? 1 : samplesOf(loop.plan);
  const briefOf = await briefMaker(loop, input);
  const draws: Draw[] = [];
  for (let sample = 0; sample < samples; sample++) {
    if (samples > 1) context.say(`answer ${sample + 1} of ${samples}`);
    draws.push(await drawSample(context, input, { brief: briefOf(sample), sample }));
  }
  const tokens = draws.reduce((sum, one) => sum + one.tokens, 0);
  const hypotheses = draws.flatMap(({ parsed }) => (parsed.ok ? [parsed.value] : []));
  const unread = draws.flatMap(({ parsed }) => (parsed.ok ? [] : [toBlock(parsed.problems.join('\n'), 2_000)]));
  const [first] = hypotheses;
  if (!first) return { kind: 'none', detail: unread[0]!, tokens, screened: unread.slice(1).map(unreadable) };
  if (samples === 1) return { kind: 'hypothesis', hypothesis: first, tokens };
  const { kept, fallen } = await distinct(context, input, hypotheses);
  const rest = { tokens, screened: [...unread.map(unreadable), ...fallen] };
  return kept.length > 1
    ? { kind: 'several', hypotheses: kept, ...rest }
    : { kind: 'hypothesis', hypothesis: kept[0]!, ...rest };
}

/** Leaves unrepaired the commits that were measured before: together they pass, or they go. */
function carriedAnswer({ from }: CarryOver, hypothesis: Hypothesis, { previous }: HypothesizeInput): HypothesizeAnswer {
  if (!previous) return { kind: 'hypothesis', hypothesis, tokens: 0 };
  const fact = `what ${from} had committed is dropped, since on this base it fails`;
  return { kind: 'none', detail: `${fact} (${previous.reason}): ${previous.detail}`, tokens: 0 };
}

async function drawSample(
  context: StepContext,
  { attempt, iteration }: HypothesizeInput,
  { brief, sample }: { brief: Brief; sample: number },
): Promise<Draw> {
  const { loop } = context;
  const { source, config } = loop.plan;
  const { answerTokens } = config.hypothesis;
  const asked = source.kind === 'command' ? null : toQuestion(brief, { ...source, answerTokens });
  if (asked?.ok === false) return { parsed: asked, tokens: 0 };
  const question = asked?.value ?? null;
  const paths = iterationPaths(loopPaths(loop.directory).iteration(iteration));
  const [at, name] = [attempt, sample > 0 ? `-${sample}` : ''];
  const files = { brief: paths.brief(at, name), answer: paths.answer(at, name), again: paths.again(at, name) };
  // Where several are drawn, one that cannot be read is no loss.
  const isRepaired = attempt === 0 && config.hypothesis.repairs > 0 && samplesOf(loop.plan) === 1;
  const { parsed, tokens } = await draw(context, { brief, question, files, isRepaired });
  if (!parsed.ok) return { parsed, tokens };
  const about = question?.target ?? parsed.value.target;
  return { parsed: { ok: true, value: { ...parsed.value, ...(about && { target: about }) } }, tokens };
}

function unreadable(problem: string): Screened {
  return { title: toLine(''), where: 'answer', detail: toLine(problem, 400), seconds: 0 };
}
