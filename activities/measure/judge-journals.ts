import { judge, type Judgement } from '../../domain/verdict/judgement.ts';
import { termsOf } from '../../domain/config/plan.ts';
import type { Evidence } from '../../domain/ledger/record.ts';
import type { BenchmarkInput } from '../../domain/steps.ts';
import { exactProblem } from '../../domain/verdict/decision.ts';
import { judgeUnseeded, type UnseededVerdict } from '../../domain/verdict/integrity/unseeded.ts';
import { decisionDirectory, readJournal, type JournalContent } from './journal.ts';
import { decisionPaths } from '../../store/layout.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Content of the journals of an iteration's decision, judged anew. */
export interface DecisionResult extends Judgement {
  evidence: Evidence;
  /** The candidate's failure, or null. */
  failure: string | null;
  /** Tells if the gain holds without BENCH_SEED; null where the base's benchmark needs it. */
  unseeded: UnseededVerdict | null;
  /** Set if accepted without objection or failure, also without a seed, and every side metric within its bound. */
  committable: boolean;
}

/** Judges anew what the journals hold; null where nothing was measured of this tree against this champion. */
export async function judgeDecision(loop: OpenLoop, input: BenchmarkInput): Promise<DecisionResult | null> {
  const directory = decisionDirectory(loop, input);
  const journal = await readJournalOf(directory, input);
  if (!journal) return null;
  const { sideMetrics, benchmark } = loop.plan.config;
  const sides = await readSides(loop, directory, input);
  const { pairs, head } = journal;
  const terms = termsOf(loop.plan, head.startUp ?? { cpuMs: 0, wallMs: 0 });
  const without = await readJournalOf(decisionPaths(directory).unseeded, input);
  const unseeded = without && { seed: without.head.seed, pairs: [...without.pairs] };
  const judgement = judge({
    pairs,
    ...terms,
    unseeded,
    floor: benchmark.floor,
    side: sides.map(({ measured }) => measured),
  });
  const { verdict, objection, corroboration, side } = judgement;
  const own = failureOf('benchmark', benchmark.noise, journal);
  const failures = [own, without?.failure ?? null, ...sides.map((each) => each.failure)];
  const failure = failures.find((problem) => problem !== null) ?? null;
  const withinBounds = side.length === sideMetrics.length && side.every((metric) => metric.verdict === 'within');
  const evidence: Evidence = {
    version: 1,
    seed: head.seed,
    unit: benchmark.unit,
    policy: terms.policy,
    pairs: pairs.slice(0, verdict.pairs),
    fresh: pairs.slice(verdict.pairs),
    corroboration,
    unseeded,
    ...(pairs[0]?.members && { floor: benchmark.floor! }),
    side,
    failure,
  };
  const { verdict: withoutSeed } = judgeUnseeded(unseeded?.pairs ?? [], verdict.reported.ratio, terms);
  const passed = withinBounds && (!head.checksUnseeded || withoutSeed === 'holds');
  const committable = verdict.verdict === 'accepted' && failure === null && objection === null && passed;
  return { ...judgement, evidence, failure, unseeded: head.checksUnseeded ? withoutSeed : null, committable };
}

/** Leaves out side metrics of which nothing was measured. */
async function readSides(loop: OpenLoop, decision: string, input: BenchmarkInput) {
  const read = loop.plan.config.sideMetrics.map(async ({ name, better, noise, worstAllowed }) => {
    const journal = await readJournalOf(decisionPaths(decision).side(name), input);
    if (!journal || (journal.pairs.length === 0 && journal.failure === null)) return [];
    const measured = { name, better, noise, worstAllowed, seed: journal.head.seed, pairs: [...journal.pairs] };
    return [{ measured, failure: failureOf(`sideMetrics.${name}`, noise, journal) }];
  });
  return (await Promise.all(read)).flat();
}

async function readJournalOf(directory: string, { champion, tree }: BenchmarkInput): Promise<JournalContent | null> {
  const journal = await readJournal(directory);
  return journal?.head.champion === champion && journal.head.candidate === tree ? journal : null;
}

function failureOf(field: string, noise: 'measured' | 'exact', { failure, pairs }: JournalContent): string | null {
  if (failure !== null) return failure;
  const problem = noise === 'exact' ? exactProblem(pairs.map(({ pair }) => pair)) : null;
  return problem && `${field}: ${problem}`;
}
