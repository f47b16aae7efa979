import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { BrokenFacts } from '../../domain/ledger/challenge.ts';
import { armedSeed, modeOf } from '../../domain/protection/breaks/arming.ts';
import { sureRuns } from '../../domain/protection/breaks/judge.ts';
import { isExcused } from '../../domain/protection/flaky-tests.ts';
import { removeTree } from '../../store/discard.ts';
import type { StepContext } from '../loop/context.ts';
import { baseFacts } from '../measure/baseline.ts';
import { copyArmed, writeArmed, type Alterable, type AlteredSide } from '../trees/altered-tree.ts';
import { makeReady } from '../trees/runnable.ts';
import { treeDirectory, type MountedTree } from '../trees/runnable-tree.ts';
import { ofSuite } from './judge-suite.ts';
import { heldOutTests, runSuite, toTestRun, type Suite, type SuiteRun } from './suite.ts';

/** A tree that is armed, and the held-out tests that are. */
interface Armed {
  tree: MountedTree;
  guard: string;
}

/** Runs over what is broken, on trees that are made when they are asked for. */
export interface Trial {
  context: StepContext;
  alterable: Alterable;
  /** Null where the tree cannot be made. */
  armed: (side: AlteredSide) => Promise<Armed | null>;
  facts: BrokenFacts;
}

/** Does work on armed trees, which go with it. */
export async function onArmedTrees<T>(
  context: StepContext,
  alterable: Alterable,
  work: (trial: Trial) => Promise<T>,
): Promise<T> {
  const made = new Map<AlteredSide, Promise<Armed | null>>();
  const directories: string[] = [];
  const armed = (side: AlteredSide) => {
    if (!made.has(side)) made.set(side, arm(side));
    return made.get(side)!;
  };
  const { functions, leftOut } = alterable;
  const facts = { functions: functions.map(({ name }) => name), notCovered: [], leftOut: [...leftOut], runs: 0 };
  try {
    return await work({ context, alterable, armed, facts });
  } finally {
    await Promise.all(directories.map(removeTree));
  }

  async function arm(side: AlteredSide): Promise<Armed | null> {
    const tree = await writeArmed(context.loop, alterable, side);
    const directory = treeDirectory(context.loop, tree);
    const guard = join(directory, 'guard');
    // Where nothing could be armed it is the tree that others run on.
    directories.push(tree === alterable.armed[side].tree ? guard : directory);
    const ready = await makeReady(context, tree);
    if (!ready.ok) return null;
    const heldOut = heldOutTests(context.loop)?.guard;
    if (heldOut !== undefined) await copyArmed(heldOut, guard, alterable.arming);
    const { workspace } = await baseFacts(context);
    return { tree: { ...ready.runnable, workspace }, guard };
  }
}

/** Runs a suite in a mode of an armed tree; null where there is no such tree. */
export async function runArmed(
  { context, alterable, armed, facts }: Trial,
  suite: Suite,
  side: AlteredSide,
  mode: number,
): Promise<SuiteRun | null> {
  const place = await armed(side);
  if (!place) return null;
  const base = await baseFacts(context);
  context.say(`tests over code that was broken on purpose, run ${++facts.runs}`);
  // A broken program may not end by itself.
  const seconds = Math.min(context.loop.plan.config.limits.testSeconds, 10 + base.testMs / 200);
  const armedSuite = {
    ...suite,
    ...(suite.guard !== undefined && { guard: place.guard }),
    ...(mode !== modeOf('none') && { seconds }),
    benchSeed: armedSeed(alterable.arming, mode, randomInt(2 ** 26)),
  };
  return runSuite(context, armedSuite, place.tree, ofSuite(base, suite.field));
}

/** Tells if a suite passes over an armed tree in which nothing goes wrong; null where there is none. */
export async function passesUnarmed(trial: Trial, suite: Suite, side: AlteredSide): Promise<boolean | null> {
  for (let run = 0; run < sureRuns; run++) {
    const result = await runArmed(trial, suite, side, modeOf('none'));
    if (result === null) return null;
    if (result.problem === null) return true;
    const { base } = ofSuite(await baseFacts(trial.context), suite.field);
    if (isExcused(toTestRun(result), base)) return true;
  }
  return false;
}
