import type { ScreenResult } from '../../domain/ledger/screened.ts';
import type { BenchmarkInput } from '../../domain/steps.ts';
import { readJson } from '../../store/files.ts';
import { iterationPaths, loopPaths } from '../../store/layout.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Result of screening a tree that could be built. */
export type ScreenedTree = Pick<ScreenResult, 'where' | 'detail' | 'ratio' | 'seconds'> & { champion: string };

/** Reads what an earlier attempt, or the screening, found of a tree on this worker; null where nothing. */
export async function readScreened(
  loop: OpenLoop,
  { iteration, tree, champion }: BenchmarkInput,
): Promise<ScreenedTree | null> {
  const { screenedResult } = iterationPaths(loopPaths(loop.directory).iteration(iteration));
  const found = await readJson<ScreenedTree>(screenedResult(tree));
  return found?.champion === champion ? found : null;
}
