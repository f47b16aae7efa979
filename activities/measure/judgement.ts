import type { ClockTerms, StartUp } from '../../domain/verdict/corroboration.ts';
import { judge, type Judgement } from '../../domain/verdict/judgement.ts';
import { policyOf } from '../../domain/config/plan.ts';
import type { Evidence } from '../../domain/ledger/record.ts';
import type { IterationRef } from '../../domain/steps.ts';
import { exactProblem } from '../../domain/verdict/decision.ts';
import { decisionDirectory, readJournal, type JournalContent } from './journal.ts';
import { decisionPaths } from '../../store/layout.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Content of the journals of an iteration's decision, judged anew. */
export interface DecisionResult extends Judgement {
  evidence: Evidence;
  /** The candidate's failure, or null. */
  failure: string | null;
  /** Set if accepted without objection or failure, and every side metric tolerated. */
  committable: boolean;
}

/** Reads the journals and judges anew what they hold; null where nothing was measured of this tree against this champion. */
export async function judgeDecision(
  loop: OpenLoop,
  input: IterationRef & { tree: string },
): Promise<DecisionResult | null> {
  const directory = decisionDirectory(loop, input);
  const journal = await readJournalOf(directory, input);
  if (!journal) return null;
  const { sideMetrics, benchmark } = loop.plan.config;
  const policy = policyOf(loop.plan);
  const sides = await readSides(loop, directory, input);
  const judgement = judge({
    pairs: journal.pairs,
    policy,
    clock: clockTerms(loop, journal.head.startUp),
    side: sides.map(({ measured }) => measured),
  });
  const { verdict, objection, corroboration, side } = judgement;
  const [failure = null] = [
    failureOf('benchmark', benchmark.noise, journal),
    ...sides.map((each) => each.failure),
  ].filter((problem) => problem !== null);
  const tolerated = side.length === sideMetrics.length && side.every((metric) => metric.verdict === 'tolerated');
  const evidence: Evidence = {
    version: 1,
    seed: journal.head.seed,
    unit: benchmark.unit,
    policy,
    pairs: journal.pairs.slice(0, verdict.pairs),
    fresh: journal.pairs.slice(verdict.pairs),
    corroboration,
    side,
    failure,
  };
  return {
    ...judgement,
    evidence,
    failure,
    committable: verdict.verdict === 'accepted' && failure === null && objection === null && tolerated,
  };
}

/** The side metrics of which anything was measured. */
async function readSides(loop: OpenLoop, decision: string, input: IterationRef & { tree: string }) {
  const read = loop.plan.config.sideMetrics.map(async ({ name, better, noise, worstAllowed }) => {
    const journal = await readJournalOf(decisionPaths(decision).side(name), input);
    if (!journal || (journal.pairs.length === 0 && journal.failure === null)) return [];
    const measured = { name, better, noise, worstAllowed, seed: journal.head.seed, pairs: [...journal.pairs] };
    return [{ measured, failure: failureOf(`sideMetrics.${name}`, noise, journal) }];
  });
  return (await Promise.all(read)).flat();
}

async function readJournalOf(
  directory: string,
  { champion, tree }: IterationRef & { tree: string },
): Promise<JournalContent | null> {
  const journal = await readJournal(directory);
  return journal?.head.champion === champion && journal.head.candidate === tree ? journal : null;
}

/** No clock is asked where it would say the same again, or nothing. */
function clockTerms({ plan: { config } }: OpenLoop, startUp: StartUp = { cpuMs: 0, wallMs: 0 }): ClockTerms | null {
  const { clock, metric, noise, unit, better } = config.benchmark;
  return clock === 'none' || !metric || noise === 'exact' ? null : { clock, unit, better, startUp };
}

function failureOf(field: string, noise: 'measured' | 'exact', { failure, pairs }: JournalContent): string | null {
  if (failure !== null) return failure;
  const problem = noise === 'exact' ? exactProblem(pairs.map(({ pair }) => pair)) : null;
  return problem && `${field}: ${problem}`;
}
