import type { StepContext } from '../../activities/loop/context.ts';
import { openPlan, type OpenLoop } from '../../activities/loop/open-loop.ts';
import type { Resources, WorkerContext } from '../../activities/loop/resources.ts';
import { createMachineLock, type HeldSandbox } from '../../adapters/machine-lock.ts';
import { fetchCommits, openClone } from '../../adapters/git/clone.ts';
import { createCache } from '../../adapters/cache.ts';
import { createSandbox } from '../../adapters/sandbox/create.ts';
import type { Sandbox } from '../../adapters/sandbox/contract.ts';
import type { LoopConfigInput } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { commandSource } from '../../domain/config/plan.ts';
import { parseWorkerSettings } from '../../domain/config/worker-settings.ts';
import type { TestRepository } from './repository/repository.ts';
import { scriptedSource, targetConfig } from './repository/target.ts';
import { createUsage } from '../../store/quota.ts';
import { dataPaths } from '../../store/layout.ts';

/** The resources of a worker with its directory at `data`; without `sandboxed` nothing runs. */
export async function createResources(
  data: string,
  settings: object,
  { sandboxed = true }: { sandboxed?: boolean } = {},
): Promise<Resources> {
  const parsed = parseWorkerSettings(settings);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return {
    dataDirectory: data,
    settings: parsed.value,
    sandbox: sandboxed
      ? await createSandbox({ allowUnsandboxed: false, generatedDirectory: dataPaths(data).sandbox })
      : nothing,
    queue: 'karpathy-loop/test',
    usage: createUsage(),
    cache: createCache({ max: 500 }),
    embedded: () => Promise.reject(new Error('no engine here')),
  };
}

/** Settings that allow one repository, and a command source "script" that gives the answers one after the other. */
export function settingsFor(data: string, repository: string, answers: Parameters<typeof scriptedSource>[1] = []) {
  return { repositories: [repository], commandSources: { script: { command: scriptedSource(data, answers).command } } };
}

/** The context in which a worker's steps run, without their heartbeats. */
export function createContext(worker: Resources): WorkerContext {
  return {
    worker,
    signal: new AbortController().signal,
    machineLock: createMachineLock(worker.sandbox),
    say: () => undefined,
  };
}

export function contextOn(resources: Resources, loop: OpenLoop): StepContext {
  return { ...createContext(resources), loop };
}

/** Stands for the held sandbox where nothing is run in it. */
export const heldSandbox = {} as HeldSandbox;

/** A loop on the repository's HEAD as `prepare` would open it, without running anything. */
export async function openLoopOn(
  resources: Resources,
  target: TestRepository,
  part: Partial<LoopConfigInput> = {},
): Promise<OpenLoop> {
  const parsed = parseLoopConfig(targetConfig(target.path, part));
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const baseSha = await target.git('rev-parse', 'HEAD');
  const clone = await openClone(resources.dataDirectory, target.path);
  await fetchCommits(clone, target.path, [baseSha]);
  const source = commandSource('script');
  const plan = {
    version: 1,
    loopId: 'loop',
    config: parsed.value,
    baseSha,
    branch: 'loop',
    alpha: 0.001,
    source,
  } as const;
  return openPlan(resources, { repository: target.path, clone }, plan);
}

const nothing: Sandbox = {
  kind: 'none',
  limitsLayer: 'none',
  run: () => Promise.reject(new Error('nothing is to be run here')),
  selfTest: () => Promise.resolve([]),
};
