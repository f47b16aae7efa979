import { isSameAnswer } from '../../domain/replay/compare.ts';
import type { Answer } from '../../domain/replay/contract.ts';
import type { Difference } from '../../domain/replay/difference.ts';
import { uselessness, type PlannedCall } from '../../domain/replay/plan.ts';
import { simplerArguments, sizeOf } from '../../domain/replay/shrink.ts';
import type { StepContext } from '../loop/context.ts';
import { callAll, callPatiently, candidateCallMs, type Callee, type CallResult } from './call.ts';

/** Rounds of simpler inputs; each runs base and candidate once. */
const maxRounds = 5;
const seconds = 20;

/** Looks for a smaller input on which the two differ, from the smallest one known. */
export async function shrink(
  context: StepContext,
  sides: Record<'base' | 'candidate', Callee>,
  known: { different: PlannedCall[]; answers: ReadonlyMap<number, Answer>; found: CallResult },
): Promise<Difference> {
  let smallest = smallestOf(known.different, known);
  for (let round = 0; round < maxRounds; round++) {
    context.say(`looking for the smallest input that shows the difference, round ${round + 1} of ${maxRounds}`);
    const { call } = smallest;
    const simpler = simplerArguments(call.arguments).map((args, id) => ({
      ...call,
      id,
      arguments: args,
      isVaried: true,
    }));
    if (simpler.length === 0) break;
    const base = await callPatiently(context, sides.base, simpler);
    const useful = simpler.filter((one) => uselessness(one, base.answers.get(one.id)) === null);
    if (useful.length === 0) break;
    const found = await callAll(context, sides.candidate, useful, { callMs: candidateCallMs, seconds });
    const different = useful.filter(({ id }) => differs(id, base.answers, found));
    if (different.length === 0) break;
    smallest = smallestOf(different, { answers: base.answers, found });
  }
  return smallest;
}

/** Without an answer, the first call that has none: the run ended in it. */
function smallestOf(
  different: readonly PlannedCall[],
  { answers, found }: { answers: ReadonlyMap<number, Answer>; found: CallResult },
): Difference {
  const answered = different.filter(({ id }) => found.answers.has(id));
  const [first] = [...answered].sort((one, other) => sizeOf(one.arguments) - sizeOf(other.arguments));
  const call = first ?? different[0]!;
  const candidate = found.answers.get(call.id) ?? null;
  return { call, base: answers.get(call.id)!, candidate, broken: found.broken };
}

/** Tells if the candidate's answer is another one, or was not given because its run broke. */
export function differs(
  id: number,
  answers: ReadonlyMap<number, Answer>,
  { answers: found, broken }: CallResult,
): boolean {
  const answer = found.get(id);
  return answer ? !isSameAnswer(answers.get(id)!, answer) : broken !== null;
}
