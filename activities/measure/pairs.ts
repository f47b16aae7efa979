import { isClockAsked } from '../../domain/config/plan.ts';
import type { StartUp } from '../../domain/verdict/corroboration.ts';
import { createCoin } from '../../domain/verdict/decision.ts';
import { outputShape, watchShapes, type OutputShape } from '../../domain/verdict/integrity/output-shape.ts';
import { pairMembers } from '../../domain/verdict/members.ts';
import type { MeasuredPair, Side } from '../../domain/verdict/pair.ts';
import { unitMismatch } from '../../domain/verdict/reading/quantity.ts';
import { toLine } from '../../domain/text.ts';
import { baseFacts } from './baseline.ts';
import { measure, newBenchSeed, type Measurable, type Measurement } from './execute.ts';
import { readJournal, type Journal } from './journal.ts';
import { measureStartUp } from './start-up.ts';
import { exclusively, type HeldContext, type StepContext } from '../loop/context.ts';
import { told } from '../loop/told.ts';
import { makeRunnable } from '../trees/runnable.ts';
import type { MountedTree, RunnableTree } from '../trees/runnable-tree.ts';

/** A pair whose champion failed says nothing; after this many in a row the machine, not the candidate, is at fault. */
const maxVoidPairs = 3;
/** Looks that a redirected step of the command itself does not last without being seen on the other side too. */
const minMoved = 3;
/** A wall clock that ran on this much longer than the monotonic one means that the machine was suspended, in ms. */
const suspendMs = 1_000;

export type SidesResult = { ok: true; sides: Record<Side, MountedTree> } | { ok: false; side: Side; detail: string };

/** Sides that pairs are drawn of, and their command. */
export interface Measuring {
  context: StepContext;
  sides: Record<Side, MountedTree>;
  /** The loop's benchmark (`theBenchmark`), or one of its side metrics (`sideMetric`). */
  what: Measurable;
  /** Runs without BENCH_SEED. Outputs are compared where the champion's is the base's: else each run draws its own input. */
  isUnseeded?: boolean;
  /** The base's output without it. */
  unseededOutput?: string | undefined;
  /** No discarded pair comes first: for a look that is no evidence. */
  isGlance?: boolean;
  /** Tells people how far the pairs are. Default: their number. */
  progress?: (pairs: readonly MeasuredPair[]) => string;
}

/** A void pair says nothing of the candidate: the champion failed, or the machine was suspended. */
type PairResult = { kind: 'pair'; pair: MeasuredPair; shapes: Record<Side, OutputShape> } | Stop;
type Stop = { kind: 'void'; problem: string } | { kind: 'candidate-failed'; problem: string };

/**
 * Makes a champion and a candidate (commits or trees) runnable.
 * @throws ApplicationFailure "Refused" where the base cannot be judged on this worker
 */
export async function openSides(context: StepContext, treeishes: Record<Side, string>): Promise<SidesResult> {
  const { workspace } = await baseFacts(context);
  const champion = await makeRunnable(context, treeishes.champion);
  if (!champion.ok) return { ok: false, side: 'champion', detail: champion.detail };
  const candidate = await makeRunnable(context, treeishes.candidate);
  if (!candidate.ok) return { ok: false, side: 'candidate', detail: candidate.detail };
  const mounted = (tree: RunnableTree) => ({ ...tree, workspace });
  return { ok: true, sides: { champion: mounted(champion.runnable), candidate: mounted(candidate.runnable) } };
}

/**
 * Returns the start-up that a decision counts with: its journal's, else that of the champion now.
 * On a loaded machine it takes longer than it did on the base.
 */
export async function startUpOfDecision(context: StepContext, directory: string, champion: string): Promise<StartUp> {
  const known = await readJournal(directory);
  if (known?.head.startUp) return known.head.startUp;
  const facts = await baseFacts(context);
  const { benchmark } = context.loop.plan.config;
  const made = isClockAsked(benchmark) ? await makeRunnable(context, champion) : null;
  // The pairs tell of a champion that cannot be made runnable.
  const { of, ...times } = made?.ok
    ? await measureStartUp(context, { ...made.runnable, workspace: facts.workspace })
    : facts.startUp;
  return times;
}

/**
 * Draws coin-ordered pairs into a journal until `isComplete`. A varying metric gets a discarded pair first.
 * A candidate's failure ends it for good.
 * @returns null when complete, else why not
 */
export async function drawPairs(
  measuring: Measuring,
  journal: Journal,
  isComplete: (pairs: readonly MeasuredPair[]) => boolean,
): Promise<Stop | null> {
  const coin = createCoin(journal.head.seed);
  for (let drawn = 0; drawn < journal.pairs.length; drawn++) coin();
  const isOpen = () => journal.failure === null && !isComplete(journal.pairs);
  // A side metric may tell of files, which a candidate may add.
  const isWatched = measuring.what.field === 'benchmark' && !measuring.isUnseeded;
  const draw = pairDrawer(measuring, isWatched ? watchShapes(measuring.what.noise) : () => null);
  if (isOpen() && measuring.what.noise === 'measured' && !measuring.isGlance) {
    const warm = await draw('champion', { ...journal, append: () => Promise.resolve() });
    if (warm.kind === 'void') return warm;
  }
  while (isOpen()) {
    const { pairs } = journal;
    measuring.context.say(measuring.progress?.(pairs) ?? `${measuring.what.field}: pair ${pairs.length + 1}`);
    const first = coin() < 0.5 ? 'champion' : 'candidate';
    const drawn = await draw(first, journal);
    if (drawn.kind === 'void') return drawn;
  }
  return journal.failure === null ? null : { kind: 'candidate-failed', problem: journal.failure };
}

/** Runs both sides back to back, and writes the result down before anything else can run on this machine. */
function pairDrawer(measuring: Measuring, shapeProblem: ReturnType<typeof watchShapes>) {
  return async (first: Side, { pairs, append, fail }: Journal): Promise<PairResult> => {
    for (let tries = 1; ; tries++) {
      const benchSeed = seedFor(measuring, pairs);
      const result = await exclusively(measuring.context, async (held): Promise<PairResult> => {
        const drawn = await runBoth(held, measuring, { first, benchSeed });
        if (drawn.kind === 'pair') await append(held.sandbox, drawn.pair);
        const whole = drawn.kind === 'pair' ? shapeProblem(drawn.shapes) : drawn.problem;
        const problem = whole && told(held.loop, whole);
        if (drawn.kind !== 'void' && problem !== null) await fail(held.sandbox, problem);
        return drawn.kind === 'pair' ? drawn : { ...drawn, problem: problem! };
      });
      if (result.kind !== 'void' || tries >= maxVoidPairs) return result;
    }
  };
}

/** A new one for each pair. An exact metric keeps its first: with others it could not repeat. */
function seedFor({ what, isUnseeded }: Measuring, [first]: readonly MeasuredPair[]): MeasuredPair['benchSeed'] {
  if (isUnseeded) return null;
  return what.noise === 'exact' && first ? first.benchSeed : newBenchSeed();
}

async function runBoth(
  held: HeldContext,
  { sides, what, isUnseeded, unseededOutput }: Measuring,
  facts: Pick<MeasuredPair, 'first' | 'benchSeed'>,
): Promise<PairResult> {
  const began = { wall: Date.now(), monotonic: performance.now() };
  const order: Side[] = facts.first === 'champion' ? ['champion', 'candidate'] : ['candidate', 'champion'];
  const measured: Partial<Record<Side, Measurement>> = {};
  for (const side of order) {
    const run = await measure(held, sides[side], { what, benchSeed: facts.benchSeed });
    const suspended = Date.now() - began.wall - (performance.now() - began.monotonic) > suspendMs;
    if (suspended) return { kind: 'void', problem: 'the machine was suspended during a pair' };
    if (!run.ok)
      return side === 'champion'
        ? { kind: 'void', problem: `champion: ${run.problem}` }
        : { kind: 'candidate-failed', problem: isUnseeded ? `without BENCH_SEED: ${run.problem}` : run.problem };
    measured[side] = run;
  }
  const sure = measured as Record<Side, Measurement>;
  const isSameInput = !isUnseeded || sure.champion.output === unseededOutput;
  return toPair(what, sure, { ...facts, isSameInput });
}

function toPair(
  { field, isUnseen }: Measurable,
  { champion, candidate }: Record<Side, Measurement>,
  { isSameInput, ...facts }: Pick<MeasuredPair, 'first' | 'benchSeed'> & { isSameInput: boolean },
): PairResult {
  if (isSameInput && champion.output !== candidate.output) {
    const [expected, got] = [champion, candidate].map(({ output }) => `"${toLine(output ?? '', 80)}"`);
    const without = facts.benchSeed === null ? 'without BENCH_SEED: ' : '';
    const problem = `${without}output differs: the champion computed ${expected}, the candidate ${got}`;
    return { kind: 'candidate-failed', problem };
  }
  if (isUnseen && candidate.movedLooks >= minMoved && champion.movedLooks === 0) {
    const fact = "standard output was another file when the candidate's process printed than when it began";
    return { kind: 'candidate-failed', problem: `${field}: ${fact}; leave what the benchmark prints as it is` };
  }
  const [one, other] = [champion, candidate].map(({ metric, printedUnit }) => ({ value: metric, printedUnit }));
  const mismatch = unitMismatch(one!, other!);
  if (mismatch !== null) return { kind: 'candidate-failed', problem: `${field}.metric: ${mismatch}` };
  const suite = pairMembers(champion.members, candidate.members);
  if ('problem' in suite) return { kind: 'candidate-failed', problem: `${field}.harness: ${suite.problem}` };
  const both = (key: 'metric' | 'cpuMs' | 'wallMs') => [champion[key], candidate[key]] as const;
  const pair = { ...facts, pair: both('metric'), cpuMs: both('cpuMs'), wallMs: both('wallMs'), ...suite };
  const shapes = { champion: outputShape(champion.stdout), candidate: outputShape(candidate.stdout) };
  return { kind: 'pair', pair, shapes };
}
