import { samplesOf } from '../../domain/config/effort.ts';
import { findChoices, type Choice } from '../../domain/proposal/choices.ts';
import { trialsOf, tunable, tune } from '../../domain/proposal/tune.ts';
import type { Hotspot, HypothesizeAnswer, HypothesizeInput } from '../../domain/steps.ts';
import { readHistory } from '../../ledger/history.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { refused } from '../loop/refusal.ts';
import { makeBrief } from './make-brief.ts';

/** Proposes values of named constants by the ledger's records; says when nothing is left to try. */
export async function tuneNext({ loop }: StepContext, input: HypothesizeInput): Promise<HypothesizeAnswer> {
  const { plan } = loop;
  const { all, choices } = await constantsOf(loop, input);
  const records = (await readHistory(loop.clone, plan.loopId)).filter(({ iteration }) => iteration < input.iteration);
  const sinceChampion = trialsOf(records.filter(({ champion }) => champion === input.champion));
  const known = { trials: trialsOf(records), sinceChampion };
  const hypotheses = tune(choices, known, { seed: plan.config.seed, count: samplesOf(plan) });
  const [hypothesis] = hypotheses;
  if (hypotheses.length > 1) return { kind: 'several', hypotheses, tokens: 0 };
  if (hypothesis) return { kind: 'hypothesis', hypothesis, tokens: 0 };
  const detail = choices.length > 0 ? exhausted(choices) : unused(all);
  return { kind: 'none', detail: `tune: ${detail}`, isLast: true, tokens: 0 };
}

/** @throws ApplicationFailure "Refused" where the hot code of the base uses no named constant */
export async function checkTunable(loop: OpenLoop, hotspots: Hotspot[]): Promise<void> {
  const { loopId, baseSha } = loop.plan;
  const ref = { loopId, repository: loop.repository, champion: baseSha, startedAt: '', iteration: 1 };
  const { all, choices } = await constantsOf(loop, { ...ref, hotspots, metric: 0, attempt: 0, previous: null });
  if (choices.length === 0) throw refused(`hypothesis.source: "tune" has nothing to do: ${unused(all)}`);
}

async function constantsOf(loop: OpenLoop, input: HypothesizeInput): Promise<Record<'all' | 'choices', Choice[]>> {
  const { files, hot } = await makeBrief(loop, input);
  const all = findChoices(files, Infinity);
  return { all, choices: tunable(all, hot) };
}

function exhausted(choices: readonly Choice[]): string {
  const names = named(choices);
  return `all values of ${names} that are worth a try were tried; name another number of the hot code, or take a model`;
}

function unused(all: readonly Choice[]): string {
  const fact =
    all.length > 0 ? `the hot code uses none of the named constants (${named(all)})` : 'no named constant is left';
  return `${fact}; name a number that it uses, or take a model`;
}

function named(choices: readonly Choice[]): string {
  const names = choices.map(({ constant }) => constant);
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
