import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import { createTarget, targetConfig } from '../../support/repository/target.ts';
import type { RepositorySnapshot, TestRepository } from '../../support/repository/repository.ts';

/** How a loop of the drill is made. */
export type LoopKind = 'exact' | 'measured' | 'model' | 'carried' | 'screened';

export interface DrillLoop {
  loopId: string;
  kind: LoopKind;
  iterations: number;
  repository: TestRepository;
  /** All of the repository before the loop began. */
  before: RepositorySnapshot;
  base: string;
  config: LoopConfigInput;
}

/** A metric that repeats to the last digit: items taken from an iterable. */
const countingBench = [
  "import { total } from './src/total.mjs';",
  'let taken = 0;',
  'const items = { *[Symbol.iterator]() { for (let index = 0; index < 40; index++) { taken++; yield index; } } };',
  'total(items);',
  'console.log(`METRIC items=${taken}`);',
  '',
].join('\n');

/**
 * Makes a loop's own repository and its config.
 * @param urlOf maps the repository's path to its address for workers (default: the path)
 */
export async function makeLoop(
  loopId: string,
  kind: LoopKind,
  iterations: number,
  urlOf = (path: string) => path,
): Promise<DrillLoop> {
  const repository = await createTarget(kind === 'measured' ? {} : { 'bench.mjs': countingBench });
  const exact = {
    command: 'node bench.mjs',
    metric: { pattern: '^METRIC items=([0-9.]+)$' },
    unit: 'items',
    noise: 'exact',
    clock: 'none',
  } as const;
  const config = targetConfig(urlOf(repository.path), {
    iterations,
    profile: 'none',
    ...(kind !== 'measured' && { benchmark: exact }),
    // Two values an iteration, of which one gets a verdict.
    ...(kind === 'screened' && { hypothesis: { source: 'tune', samples: 2 } }),
    ...(kind === 'model' && { hypothesis: { source: 'ollama', model: loopId, repairs: 0 } }),
  });
  return {
    loopId,
    kind,
    iterations,
    repository,
    before: await repository.snapshot(),
    base: await repository.git('rev-parse', 'HEAD'),
    config,
  };
}

/** The command source of all loops that have no model. */
export function sourceCommand(calls: string): string[] {
  return [execPath, fileURLToPath(new URL('source.mjs', import.meta.url)), calls];
}
