import { Context } from '@temporalio/activity';
import { withMachineLock } from '../adapters/lock.ts';
import { createCoin } from '../domain/decision.ts';
import { policyOf } from '../domain/plan.ts';
import type { MeasuredPair } from '../domain/record.ts';
import type { Benchmarked, BenchmarkInput } from '../domain/steps.ts';
import { isComplete, toVerdict } from '../domain/verdict.ts';
import { measure, type Measurement } from './execute.ts';
import { withHeartbeat } from './heartbeat.ts';
import { decisionDirectory, openJournal, type Journal } from './journal.ts';
import { openLoop, type OpenLoop, type Resources } from './resources.ts';
import { makeRunnable, type Runnable } from './runnable.ts';

/** A pair whose champion failed says nothing; after this many in a row the machine, not the candidate, is at fault. */
const maxVoidPairs = 3;
/** A wall clock that ran on this much longer than the monotonic one means that the machine was suspended, in ms. */
const suspendMs = 1_000;

type Side = 'champion' | 'candidate';
type Drawn = { kind: 'pair'; pair: MeasuredPair } | { kind: 'void'; problem: string } | { kind: 'candidate-failed'; problem: string };

/** Measures the candidate against the champion in coin-ordered pairs until the rule stops; then the fresh pairs. */
export async function benchmark(resources: Resources, input: BenchmarkInput): Promise<Benchmarked> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    const directory = await decisionDirectory(loop, input);
    const attempt = Context.current().info.currentAttemptScheduledTimestampMs;
    const journal = await withMachineLock(() => openJournal(directory, { champion: input.champion, candidate: input.tree }, attempt), { signal });
    try {
      // A decision that is complete is not touched again: not even a failing warm-up may undo it.
      if (isComplete(journal.pairs, policyOf(loop.plan))) return judged(journal, loop);
      const sides = await makeSides(resources, loop, input, signal);
      if ('kind' in sides) return sides;
      return await judge(loop, journal, (first, finish) => drawPair(resources, loop, sides, first, finish, signal));
    } finally {
      await journal.close();
    }
  });
}

/** Draws one pair and, before the machine-wide lock is free again, hands it to `finish`. */
type Draw = (first: Side, finish: (pair: MeasuredPair) => Promise<void>) => Promise<Drawn>;

async function judge(loop: OpenLoop, journal: Journal, draw: Draw): Promise<Benchmarked> {
  const policy = policyOf(loop.plan);
  const warm = await draw('champion', () => Promise.resolve());
  if (warm.kind === 'candidate-failed' && !isAccepted(journal, loop)) return { kind: 'failed', reason: 'benchmark-failed', detail: warm.problem };
  const coin = createCoin(journal.head.seed);
  // A pair that is in the journal has used up its coin; an unfinished one is repeated with the same coin.
  for (let drawn = 0; drawn < journal.pairs.length; drawn++) coin();
  while (!isComplete(journal.pairs, policy)) {
    const first = coin() < 0.5 ? 'champion' : 'candidate';
    const result = await drawUntilValid(() => draw(first, (pair) => journal.append(pair)));
    if (result.kind === 'pair') continue;
    // The fresh pairs cannot change the verdict; where one cannot be had, those that there are must do.
    if (isAccepted(journal, loop)) break;
    return { kind: 'failed', reason: result.kind === 'void' ? 'infrastructure' : 'benchmark-failed', detail: result.problem };
  }
  return judged(journal, loop);
}

function judged(journal: Journal, loop: OpenLoop): Benchmarked {
  return { kind: 'judged', verdict: toVerdict(journal.pairs, policyOf(loop.plan)) };
}

function isAccepted(journal: Journal, loop: OpenLoop): boolean {
  return toVerdict(journal.pairs, policyOf(loop.plan)).verdict === 'accepted';
}

async function drawUntilValid(draw: () => Promise<Drawn>): Promise<Drawn> {
  let result = await draw();
  for (let voids = 1; result.kind === 'void' && voids < maxVoidPairs; voids++) result = await draw();
  return result;
}

/** Runs both sides back to back under the machine-wide lock. */
async function drawPair(
  resources: Resources,
  loop: OpenLoop,
  sides: Record<Side, Runnable>,
  first: Side,
  finish: (pair: MeasuredPair) => Promise<void>,
  signal: AbortSignal,
): Promise<Drawn> {
  return withMachineLock(
    async () => {
      const began = { wall: Date.now(), monotonic: performance.now() };
      const order: Side[] = first === 'champion' ? ['champion', 'candidate'] : ['candidate', 'champion'];
      const measured: Partial<Record<Side, Measurement>> = {};
      for (const side of order) {
        const run = await measure(resources, loop, sides[side], signal);
        const suspended = Date.now() - began.wall - (performance.now() - began.monotonic) > suspendMs;
        if (suspended) return { kind: 'void', problem: 'the machine was suspended during a pair' };
        if (!run.ok) return side === 'champion' ? { kind: 'void', problem: `champion: ${run.problem}` } : { kind: 'candidate-failed', problem: run.problem };
        measured[side] = run;
      }
      const pair = toMeasuredPair(first, measured as Record<Side, Measurement>);
      await finish(pair);
      return { kind: 'pair', pair };
    },
    { signal },
  );
}

function toMeasuredPair(first: Side, { champion, candidate }: Record<Side, Measurement>): MeasuredPair {
  return { first, pair: [champion.metric, candidate.metric], cpuMs: [champion.cpuMs, candidate.cpuMs], wallMs: [champion.wallMs, candidate.wallMs] };
}

async function makeSides(
  resources: Resources,
  loop: OpenLoop,
  { champion, tree }: BenchmarkInput,
  signal: AbortSignal,
): Promise<Record<Side, Runnable> | Benchmarked> {
  const [old, fresh] = [await makeRunnable(resources, loop, champion, signal), await makeRunnable(resources, loop, tree, signal)];
  if (!old.ok) return { kind: 'failed', reason: 'infrastructure', detail: `champion: ${old.detail}` };
  if (!fresh.ok) return { kind: 'failed', reason: 'benchmark-failed', detail: fresh.detail };
  return { champion: old.runnable, candidate: fresh.runnable };
}
