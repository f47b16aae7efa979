import { randomInt } from 'node:crypto';
import { withMachineLock } from '../../adapters/lock.ts';
import { createCoin } from '../../domain/verdict/decision.ts';
import type { MeasuredPair, Side } from '../../domain/ledger/record.ts';
import { toLine } from '../../domain/text.ts';
import { baseFacts } from './baseline.ts';
import { measure, type Measurable, type Measurement } from './execute.ts';
import { watchedFiles } from '../trees/protection.ts';
import type { Journal } from './journal.ts';
import type { OpenLoop, Resources } from '../loop/resources.ts';
import { makeRunnable } from '../trees/runnable.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';

/** A pair whose champion failed says nothing; after this many in a row the machine, not the candidate, is at fault. */
const maxVoidPairs = 3;
/** A wall clock that ran on this much longer than the monotonic one means that the machine was suspended, in ms. */
const suspendMs = 1_000;

/** Both sides, made runnable, and seen by a command in the same way. */
type Sides = Record<Side, MountedTree>;

export type OpenedSides = { ok: true; sides: Sides } | { ok: false; side: Side; detail: string };

/** What pairs are drawn of. */
export interface Measuring {
  resources: Resources;
  loop: OpenLoop;
  sides: Sides;
  /** The loop's benchmark (`theBenchmark`), or one of its side metrics (`sideMetric`). */
  what: Measurable;
  signal: AbortSignal;
}

/** void: says nothing of the candidate (the champion failed, or the machine was suspended). */
export type Drawn =
  | { kind: 'pair'; pair: MeasuredPair }
  | { kind: 'void'; problem: string }
  | { kind: 'candidate-failed'; problem: string };

/**
 * Makes a champion and a candidate (commits or trees) runnable. Not to be called under the machine-wide lock, which it takes.
 * @throws ApplicationFailure "Refused" where the base cannot be judged on this worker
 */
export async function openSides(
  resources: Resources,
  loop: OpenLoop,
  treeishes: Record<Side, string>,
  signal: AbortSignal,
): Promise<OpenedSides> {
  const { workspace, exitGuard } = await baseFacts(resources, loop, signal);
  const champion = await makeRunnable(resources, loop, treeishes.champion, signal);
  if (!champion.ok) return { ok: false, side: 'champion', detail: champion.detail };
  const candidate = await makeRunnable(resources, loop, treeishes.candidate, signal);
  if (!candidate.ok) return { ok: false, side: 'candidate', detail: candidate.detail };
  // The same for both sides: what watches costs time too.
  const seen = {
    workspace,
    watched: exitGuard ? await watchedFiles(loop, treeishes.champion, treeishes.candidate) : [],
  };
  return {
    ok: true,
    sides: { champion: { ...champion.runnable, ...seen }, candidate: { ...candidate.runnable, ...seen } },
  };
}

/**
 * Draws coin-ordered pairs into a journal until `isComplete`; those that are there are never drawn again, and an unfinished one gets the same coin.
 * Where the metric varies, a discarded pair warms up first. A candidate that fails is written down, and that ends it for good.
 * Not to be called under the machine-wide lock, which it takes for each pair.
 * @returns null when complete, else why not
 */
export async function drawPairs(
  measuring: Measuring,
  journal: Journal,
  isComplete: (pairs: readonly MeasuredPair[]) => boolean,
): Promise<Exclude<Drawn, { kind: 'pair' }> | null> {
  const coin = createCoin(journal.head.seed);
  for (let drawn = 0; drawn < journal.pairs.length; drawn++) coin();
  const isOpen = () => journal.failure === null && !isComplete(journal.pairs);
  const discard = () => Promise.resolve();
  if (isOpen() && measuring.what.noise === 'measured') {
    const warm = await drawValidPair(measuring, { first: 'champion', append: discard, fail: journal.fail });
    if (warm.kind === 'void') return warm;
  }
  while (isOpen()) {
    const first = coin() < 0.5 ? 'champion' : 'candidate';
    const drawn = await drawValidPair(measuring, { first, append: journal.append, fail: journal.fail });
    if (drawn.kind === 'void') return drawn;
  }
  return journal.failure === null ? null : { kind: 'candidate-failed', problem: journal.failure };
}

interface PairOptions {
  first: Side;
  append: (pair: MeasuredPair) => Promise<void>;
  fail: (problem: string) => Promise<void>;
}

async function drawValidPair(measuring: Measuring, options: PairOptions): Promise<Drawn> {
  let result = await drawPair(measuring, options);
  for (let voids = 1; result.kind === 'void' && voids < maxVoidPairs; voids++)
    result = await drawPair(measuring, options);
  return result;
}

/** Runs both sides back to back under the machine-wide lock, and writes down what came of it before the lock is free again. */
async function drawPair(measuring: Measuring, { first, append, fail }: PairOptions): Promise<Drawn> {
  return withMachineLock(
    async () => {
      const drawn = await runBoth(measuring, first);
      if (drawn.kind === 'pair') await append(drawn.pair);
      if (drawn.kind === 'candidate-failed') await fail(drawn.problem);
      return drawn;
    },
    { signal: measuring.signal },
  );
}

async function runBoth({ resources, loop, sides, what, signal }: Measuring, first: Side): Promise<Drawn> {
  const benchSeed = what.noise === 'exact' ? loop.plan.config.seed : randomInt(2 ** 32);
  const began = { wall: Date.now(), monotonic: performance.now() };
  const order: Side[] = first === 'champion' ? ['champion', 'candidate'] : ['candidate', 'champion'];
  const measured: Partial<Record<Side, Measurement>> = {};
  for (const side of order) {
    const run = await measure(resources, loop, sides[side], { what, benchSeed, signal });
    const suspended = Date.now() - began.wall - (performance.now() - began.monotonic) > suspendMs;
    if (suspended) return { kind: 'void', problem: 'the machine was suspended during a pair' };
    if (!run.ok)
      return side === 'champion'
        ? { kind: 'void', problem: `champion: ${run.problem}` }
        : { kind: 'candidate-failed', problem: run.problem };
    measured[side] = run;
  }
  return toDrawn(first, measured as Record<Side, Measurement>, benchSeed);
}

function toDrawn(first: Side, { champion, candidate }: Record<Side, Measurement>, benchSeed: number): Drawn {
  if (champion.output !== candidate.output) {
    const [expected, got] = [champion, candidate].map(({ output }) => `"${toLine(output ?? '', 80)}"`);
    return {
      kind: 'candidate-failed',
      problem: `output differs: the champion computed ${expected}, the candidate ${got}`,
    };
  }
  const both = (of: (measurement: Measurement) => number) => [of(champion), of(candidate)] as const;
  return {
    kind: 'pair',
    pair: {
      first,
      pair: both(({ metric }) => metric),
      cpuMs: both(({ cpuMs }) => cpuMs),
      wallMs: both(({ wallMs }) => wallMs),
      benchSeed,
    },
  };
}
