import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import {
  differenceIn,
  lastingCost,
  parseTold,
  shadowFacts,
  type ShadowPair,
  type ShadowRun,
} from '../../domain/adoption/shadow.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { openAdoption } from './context.ts';
import { readRecordedInputs } from './recorded-inputs.ts';
import { runInside } from './run-inside.ts';

/** Parts of bench/self, which together call the code that may change. */
const parts = ['brief', 'edits', 'ledger', 'profiles', 'start-up'];
const pairsOfPart = 5;

/** Gives recorded inputs to the last good build and to the new one, in the sandbox, and compares answers, time and memory. */
export async function shadow(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  const { clone, judge } = await openAdoption(context, ref);
  const stdin = JSON.stringify(await readRecordedInputs(context, clone, ref.repository));
  const facts: string[] = [];
  for (const part of parts) {
    const fail = (detail: string): AdoptionAnswer => ({ kind: 'failed', detail: `${part}: ${detail}` });
    const run = (commit: string) => shadowRun(context, { commit, part, stdin });
    const pairs: ShadowPair[] = [];
    for (let at = 1; at <= pairsOfPart; at++) {
      context.say(`${part}, pair ${at} of ${pairsOfPart}`);
      // Alternate, since other load then hits both alike.
      const [one, other] = at % 2 ? [judge, ref.commit] : [ref.commit, judge];
      const runs = new Map([[one, await run(one)]]).set(other, await run(other));
      const [last, fresh] = [runs.get(judge)!, runs.get(ref.commit)!];
      if (typeof last === 'string') return fail(`the last good build ends as ${last}, so that nothing can be compared`);
      if (typeof fresh === 'string') return fail(`ends as ${fresh}`);
      pairs.push({ last, fresh });
      const difference = differenceIn({ last, fresh });
      if (difference !== null) return fail(difference);
    }
    const cost = lastingCost(pairs);
    if (cost !== null) return fail(cost);
    facts.push(shadowFacts(part, pairs));
  }
  return { kind: 'passed', facts: `alike in ${pairsOfPart} pairs: ${facts.join('; ')}` };
}

/** @returns how it ended where it told nothing */
async function shadowRun(
  context: WorkerContext,
  { commit, part, stdin }: { commit: string; part: string; stdin: string },
): Promise<ShadowRun | string> {
  const command = `node --expose-gc --import tsx bench/self/shadow.ts ${part}`;
  const ran = await runInside(context, { commit, command, stdin });
  if ('problem' in ran) return ran.problem;
  const { stdout, cpuMs, peakBytes } = ran.result;
  const told = parseTold(stdout);
  if (told === null) return 'ok, and prints other text than its figures';
  return { ...told, wholeMs: cpuMs, peakMiB: peakBytes === null ? null : peakBytes / 2 ** 20 };
}
