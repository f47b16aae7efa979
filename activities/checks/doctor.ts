import { randomInt } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { fetchCommits, openClone } from '../../adapters/git/clone.ts';
import { repositoryProblem, resolveBase } from '../../adapters/git/repository.ts';
import { listFiles } from '../../adapters/git/trees.ts';
import { matchesGlob } from '../../adapters/glob.ts';
import { withMachineLock } from '../../adapters/lock.ts';
import { removeTree } from '../../store/discard.ts';
import type { DoctorAnswer, DoctorInput } from '../../domain/checks.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { editableProblems, protectedFilesOf } from '../../domain/protection/protected-files.ts';
import type { Run } from '../../domain/verdict/noise.ts';
import { baseFacts } from '../measure/baseline.ts';
import { benchmarkOnly } from './benchmark-only.ts';
import { measure } from '../measure/execute.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { treeProblems } from '../trees/protection.ts';
import {
  allowedRepository,
  baseScripts,
  digest,
  refused,
  withGrants,
  type BaseScripts,
  type OpenLoop,
  type Resources,
} from '../loop/resources.ts';
import { makeRunnable } from '../trees/runnable.ts';
import { dataPaths } from '../../store/layout.ts';

/** Tests, and then the benchmark again and again on the base of a config, as every champion and candidate is run. Nothing is written in the repository. */
export async function doctor(resources: Resources, input: DoctorInput): Promise<DoctorAnswer> {
  return withHeartbeat(async (signal) => {
    if (!Number.isInteger(input.runs) || input.runs < 2 || input.runs > 1_000)
      throw refused([`runs: ${String(input.runs)} is not a number from 2 to 1000`]);
    const loop = await openBase(resources, input.config);
    try {
      const { workspace, testMs, startUp } = await baseFacts(resources, loop, signal);
      const measured = await runAgain(resources, loop, workspace, input.runs, signal);
      return { baseSha: loop.plan.baseSha, workspace, testMs, startUp, ...measured, sandbox: resources.sandbox.kind };
    } finally {
      await removeTree(loop.directory);
    }
  });
}

async function openBase(resources: Resources, input: unknown): Promise<OpenLoop> {
  const parsed = parseLoopConfig(input);
  if (!parsed.ok) throw refused(parsed.problems);
  const repository = await allowedRepository(resources, parsed.value.repository);
  const problem = await repositoryProblem(repository);
  if (problem) throw refused([problem]);
  // Side metrics are measured once with the base, as for a loop; held-out tests are not run: the worker would have to allow them.
  const config = { ...benchmarkOnly(parsed.value), sideMetrics: parsed.value.sideMetrics };
  const baseSha = await resolveBase(repository, config.base);
  if (!baseSha)
    throw refused([`base: "${config.base}" is no commit of ${repository}; give a branch, tag or commit that is there`]);
  const clone = await openClone(resources.dataDirectory, repository);
  await fetchCommits(clone, repository, [baseSha]);
  const source = { kind: 'embedded', name: 'none', contextTokens: 0, form: 'edits' } as const;
  const scripts = await baseScripts(clone, baseSha);
  const loop = withGrants(
    resources,
    { version: 1, loopId: 'doctor', config, baseSha, branch: 'doctor', alpha: config.falseCommitRate, source },
    repository,
    clone,
    scripts,
  );
  const misfits = [...(await treeProblems(loop)), ...(await editableMisfits(resources, loop, parsed.value, scripts))];
  if (misfits.length > 0) throw refused(misfits);
  // Examined afresh each time: what is wrong with the base today is the question.
  return {
    ...loop,
    directory: dataPaths(resources.dataDirectory).doctor(digest(Context.current().info.workflowExecution)),
  };
}

/** By all commands of the config: the guard's, too, may name files that no candidate may change. */
async function editableMisfits(
  { settings }: Resources,
  { clone, plan }: OpenLoop,
  config: LoopConfig,
  scripts: BaseScripts,
): Promise<string[]> {
  const guard =
    config.guard !== undefined && Object.hasOwn(settings.guards, config.guard)
      ? settings.guards[config.guard]
      : undefined;
  const protectedFiles = protectedFilesOf(config, { matches: matchesGlob, ...scripts, guardCommand: guard?.command });
  return editableProblems(await listFiles(clone, plan.baseSha), config.editable, protectedFiles, {
    matches: matchesGlob,
  });
}

/** Consecutive runs with one seed, as in a pair, each under the machine-wide lock. */
async function runAgain(
  resources: Resources,
  loop: OpenLoop,
  workspace: DoctorAnswer['workspace'],
  count: number,
  signal: AbortSignal,
): Promise<Pick<DoctorAnswer, 'runs' | 'runMs'>> {
  const made = await makeRunnable(resources, loop, loop.plan.baseSha, signal);
  if (!made.ok) throw refused([made.detail]);
  const benchSeed = loop.plan.config.benchmark.noise === 'exact' ? loop.plan.config.seed : randomInt(2 ** 32);
  const runs: Run[] = [];
  let elapsed = 0;
  for (let run = 0; run <= count; run++) {
    await withMachineLock(
      async () => {
        const began = performance.now();
        const result = await measure(resources, loop, { ...made.runnable, workspace }, { benchSeed, signal });
        if (!result.ok) throw refused([result.problem]);
        const { metric, cpuMs, wallMs } = result;
        // The first one warms up, as a decision's first pair does.
        if (run === 0) return;
        runs.push({ metric, cpuMs, wallMs });
        elapsed += performance.now() - began;
      },
      { signal },
    );
  }
  return { runs, runMs: elapsed / count };
}
