import { treeOf } from '../../adapters/git/trees.ts';
import { answerTime, choosePatience, chooseSamples, effortText, type Costs } from '../../domain/config/effort.ts';
import type { CleanLine } from '../../domain/text.ts';
import { readJson } from '../../store/files.ts';
import type { BaseFacts } from '../measure/base-facts.ts';
import { pathsOfTree } from '../trees/runnable-tree.ts';
import type { OpenLoop } from './open-loop.ts';

/** Fixes in a loop's plan what an iteration spends, where it is open, and says why. */
export async function withEffort(loop: OpenLoop, base: BaseFacts): Promise<{ loop: OpenLoop; text: CleanLine }> {
  const { plan } = loop;
  const { hypothesis, patience, benchmark } = plan.config;
  const fixed = { samples: hypothesis.samples, patience };
  const costs = await costsOf(loop, base);
  const chosen = plan.effort ?? { samples: chooseSamples(costs), patience: choosePatience(costs) };
  const effort = { samples: fixed.samples ?? chosen.samples, patience: fixed.patience ?? chosen.patience };
  return {
    loop: { ...loop, plan: { ...plan, effort } },
    text: effortText(effort, { fixed, costs, isExact: benchmark.noise === 'exact' }),
  };
}

async function costsOf(loop: OpenLoop, { testMs, wallMs }: BaseFacts): Promise<Costs> {
  const { ownBuild } = pathsOfTree(loop, await treeOf(loop.clone, loop.plan.baseSha));
  const built = await readJson<{ seconds?: number }>(ownBuild);
  const [tests, run] = [testMs / 1000, wallMs / 1000];
  return { answer: answerTime(loop.plan.source), build: built?.seconds ?? 0, tests, run };
}
