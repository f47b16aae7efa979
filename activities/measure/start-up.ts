import { startUpOf } from '../../domain/verdict/start-up.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';
import type { BaseFacts } from './base-facts.ts';
import { execute, newBenchSeed } from './execute.ts';

/** Runs of the start-up command, of which the shortest counts. */
const startUps = 3;

/** Takes the shortest of a few runs; of `true` where the command for it does not run. */
export async function measureStartUp(context: StepContext, tree: MountedTree): Promise<BaseFacts['startUp']> {
  const { benchmark, limits } = context.loop.plan.config;
  context.say('start-up of the benchmark');
  const request = { ...tree, seconds: limits.benchmarkSeconds, benchSeed: newBenchSeed() };
  for (const command of [startUpOf(benchmark.command), 'true']) {
    const runs = await exclusively(context, async (held) => {
      const results = [];
      for (let run = 0; run < startUps; run++) results.push(await execute(held, { ...request, command }));
      return results;
    });
    if (!runs.every(({ status }) => status === 'ok')) continue;
    return {
      cpuMs: Math.min(...runs.map((run) => (run.cpuSource === 'none' ? 0 : run.cpuMs))),
      wallMs: Math.min(...runs.map((run) => run.wallMs)),
      ...(runs.some(({ cpuSource }) => cpuSource !== 'cgroup') && { isEvadable: true }),
      of: command,
    };
  }
  return { cpuMs: 0, wallMs: 0, of: 'nothing' };
}
