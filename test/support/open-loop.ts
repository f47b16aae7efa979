import { baseScripts, withGrants, type OpenLoop, type Resources } from '../../activities/loop/resources.ts';
import { fetchCommits, openClone } from '../../adapters/git/clone.ts';
import { createSandbox } from '../../adapters/sandbox/create.ts';
import type { Sandbox } from '../../adapters/sandbox/contract.ts';
import type { LoopConfigInput } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { parseWorkerSettings } from '../../domain/config/worker-settings.ts';
import type { TestRepository } from './repository/repository.ts';
import { scriptedSource, targetConfig } from './repository/target.ts';
import { createUsage } from '../../store/quota.ts';
import { dataPaths } from '../../store/layout.ts';

/** What a worker's activities work with, with its directory at `data`; the command source "script" proposes nothing, and without `sandboxed` nothing runs. */
export async function createResources(
  data: string,
  repository: string,
  { sandboxed }: { sandboxed: boolean },
): Promise<Resources> {
  const parsed = parseWorkerSettings({
    repositories: [repository],
    commandSources: { script: { command: scriptedSource(data, []).command } },
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return {
    dataDirectory: data,
    settings: parsed.value,
    sandbox: sandboxed
      ? await createSandbox({ allowUnsandboxed: false, generatedDirectory: dataPaths(data).sandbox })
      : nothing,
    queue: 'karpathy-loop/test',
    usage: createUsage(),
    embedded: () => Promise.reject(new Error('no engine here')),
  };
}

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
  const source = { kind: 'command', name: 'script', contextTokens: 0, form: 'edits' } as const;
  const plan = {
    version: 1,
    loopId: 'loop',
    config: parsed.value,
    baseSha,
    branch: 'loop',
    alpha: 0.001,
    source,
  } as const;
  return withGrants(resources, plan, target.path, clone, await baseScripts(clone, baseSha));
}

const nothing: Sandbox = {
  kind: 'none',
  limitsLayer: 'none',
  run: () => Promise.reject(new Error('nothing is to be run here')),
  selfTest: () => Promise.resolve([]),
};
