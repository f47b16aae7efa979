import type { Unnoticed } from '../../domain/checks.ts';
import { modeOf } from '../../domain/protection/breaks/arming.ts';
import type { StepContext } from '../loop/context.ts';
import { baseFacts } from '../measure/baseline.ts';
import { onArmedTrees, passesUnarmed, runArmed } from '../suites/armed-runs.ts';
import { visibleTests } from '../suites/suite.ts';
import { readAlterableBase } from '../trees/altered-tree.ts';

/** Tests that take longer, in ms, are not run over and over. */
const quickMs = 10_000;

/** Breaks the largest exported functions of a base one at a time; null where its tests are slow or cannot be altered. */
export async function findUnnoticed(context: StepContext): Promise<Unnoticed | null> {
  const { testMs } = await baseFacts(context);
  if (testMs > quickMs) return null;
  const alterable = await readAlterableBase(context.loop);
  if (alterable.armed.base.files.length === 0) return null;
  return onArmedTrees(context, alterable, async (trial) => {
    const suite = visibleTests(context.loop);
    if (!(await passesUnarmed(trial, suite, 'base'))) return null;
    const isNoticed = async (mode: number) => (await runArmed(trial, suite, 'base', mode))?.problem !== null;
    const unnoticed: string[] = [];
    for (const [index, { name }] of alterable.functions.entries())
      if (!(await isNoticed(modeOf('throws', index)))) unnoticed.push(name);
    const canFail = await isNoticed(modeOf('asserts'));
    return { tried: alterable.functions.length, unnoticed, canFail };
  });
}
