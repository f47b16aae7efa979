import { randomInt } from 'node:crypto';
import { watchFile, type Watched } from '../../domain/replay/contract.ts';
import type { Difference } from '../../domain/replay/difference.ts';
import { watchedDifference } from '../../domain/replay/watched.ts';
import type { StepContext } from '../loop/context.ts';
import { newBenchSeed } from '../measure/execute.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';
import { record } from './record.ts';
import { putBeside } from './stage.ts';

/**
 * Runs the benchmark on staged trees of base and candidate, with one seed, and compares how its calls end: no checksum
 * may cover them, as those of a warm-up.
 */
export async function watchBenchmark(
  context: StepContext,
  base: MountedTree,
  candidate: MountedTree,
): Promise<Difference | null> {
  const [benchSeed, chance] = [newBenchSeed(), randomInt(2 ** 31)];
  const watch = async (tree: MountedTree) => {
    await putBeside(tree.tree, watchFile, String(chance));
    const { calls } = await record(context, tree, context.loop.plan.config.benchmark.command, benchSeed);
    return calls as Watched[];
  };
  context.say("watching the benchmark's calls");
  const bases = [await watch(base)];
  for (let turn = 1; bases[0]!.length > 0; turn++) {
    bases.push(await watch(base));
    const difference = watchedDifference(bases, await watch(candidate));
    // Seen twice: what is drawn by chance can be alike in two runs of the base.
    if (!difference || turn === 2) return difference;
  }
  return null;
}
