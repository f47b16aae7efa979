import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { matchesGlob } from '../../adapters/glob.ts';
import { openClone } from '../../adapters/git/clone.ts';
import { bringUpToDate, fetchLedger } from '../../ledger/sync.ts';
import type { Clone } from '../../adapters/git/command.ts';
import { listFiles, type TreeFile } from '../../adapters/git/trees.ts';
import { repositoryProblem, resolveBase } from '../../adapters/git/repository.ts';
import { bringSubmodules } from '../../adapters/git/submodules.ts';
import { readLedgerPlan } from '../../ledger/ledger.ts';
import { grantAccess, type Grants } from '../../domain/config/grants.ts';

import { branchOf, type LoopConfig } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { loopFalseCommitRate } from '../../domain/verdict/decision.ts';
import { protectedFilesOf, type ProtectedFiles } from '../../domain/protection/protected-files.ts';
import { effortSchema, sourceSchema, type Plan } from '../../domain/config/plan.ts';
import { isUrl, repositoryFormProblem } from '../../domain/config/repository.ts';
import type { IterationRef, LoopRef } from '../../domain/steps.ts';
import { dataPaths } from '../../store/layout.ts';
import { readPlan, writePlan } from '../../store/loop-files.ts';
import { readProtectionFacts } from './protection-facts.ts';
import type { Worker, WorkerContext } from './resources.ts';
import { checkLoopId, checkSha, refused } from './refusal.ts';

/** Editable files of a commit that are no links. */
export async function editableFiles({ clone, isEditable }: OpenLoop, treeish: string): Promise<TreeFile[]> {
  return (await listFiles(clone, treeish)).filter(({ path, mode }) => mode.startsWith('100') && isEditable(path));
}

/** A loop on this worker: its plan, what it may reach, and where its files are. */
export interface OpenLoop extends OpenRepository {
  plan: Plan;
  grants: Grants;
  directory: string;
  isEditable: (path: string) => boolean;
  protectedFiles: ProtectedFiles;
  /** Equal for equal protected files of equal trees. */
  protectedFilesKey: string;
  /** Finds a fact of this loop's trees once per worker. */
  remember: <T>(key: string, find: () => Promise<T>) => Promise<T>;
}

export interface OpenRepository {
  /** Real path of the repository, or its URL. */
  repository: string;
  clone: Clone;
}

/** Opens a prepared loop. Checks every time, since anybody may have sent the reference or written the plan. */
export async function openLoop({ worker, signal }: WorkerContext, ref: LoopRef): Promise<OpenLoop> {
  const { loopId } = ref;
  checkLoopId(loopId);
  const repository = await allowedRepository(worker, ref.repository);
  const clone = await openClone(worker.dataDirectory, repository, { signal });
  const directory = dataPaths(worker.dataDirectory).loop(loopId);
  const known = await readPlan(directory);
  const plan = known ?? (await planInLedger({ clone, repository }, loopId));
  if (!plan) throw refused(`loop: "${loopId}" is not prepared on this worker; start it by karpathyLoop`);
  // Otherwise one loop's id could move refs in another allowed repository.
  if ((await realPlace(plan.config.repository)) !== repository)
    throw refused(`loop: "${loopId}" is not a loop of ${repository}`);
  checkSha('baseSha', plan.baseSha);
  const branch = branchOf(plan.config, loopId);
  if (!known) await bringUpToDate(clone, repository, { loopId, branch }, plan.baseSha);
  const loop = await openPlan(worker, { clone, repository }, { ...plan, loopId });
  if (!known) await writePlan(directory, loop.plan);
  return loop;
}

/** Opens a loop by its plan, which a stranger may have written: computes anew what follows from the config. */
export async function openPlan(worker: Worker, { repository, clone }: OpenRepository, plan: Plan): Promise<OpenLoop> {
  const parsed = parseLoopConfig(plan.config);
  if (!parsed.ok) throw refused(...parsed.problems);
  const config = parsed.value;
  const source = sourceSchema.safeParse(plan.source);
  if (!source.success)
    throw refused('source: the plan in the ledger names none that can be used; give this loop another id');
  const { loopId, baseSha } = plan;
  const effort = effortSchema.safeParse(plan.effort).data;
  checkSha('baseSha', baseSha);
  const grants = grantAccess(config, repository, worker.settings, matchesGlob);
  if (!grants.ok) throw refused(...grants.problems);
  const guardCommand = grants.value.guard?.command;
  if (!isUrl(repository)) await bringSubmodules(clone, repository, baseSha);
  const facts = await readProtectionFacts(worker.cache, clone, baseSha);
  const protectedFiles = protectedFilesOf(config, { matches: matchesGlob, ...facts, guardCommand });
  const { editable, unprotected, setup, provided, build, test, benchmark, sideMetrics } = config;
  const commands = [setup, provided, build, test, benchmark, sideMetrics, guardCommand];
  const protectedFilesKey = digest(editable, unprotected, commands, facts.scripts, facts.packages, baseSha);
  const alpha = loopFalseCommitRate(config.falseCommitRate, config.iterations);
  return {
    plan: { ...plan, branch: branchOf(config, loopId), alpha, config, source: source.data, ...(effort && { effort }) },
    grants: grants.value,
    repository,
    clone,
    directory: dataPaths(worker.dataDirectory).loop(loopId),
    isEditable: protectedFiles.isEditable,
    protectedFiles,
    protectedFilesKey,
    remember: (key, find) => worker.cache(`${protectedFilesKey} ${key}`, find),
  };
}

/** @returns null where the repository has no ledger of the loop */
export async function planInLedger({ clone, repository }: OpenRepository, loopId: string): Promise<Plan | null> {
  if ((await fetchLedger(clone, repository, loopId)) === null) return null;
  return readLedgerPlan(clone, loopId);
}

/** Opens a repository of which nothing has been read yet. */
export async function openRepository({ worker, signal }: WorkerContext, repository: string): Promise<OpenRepository> {
  const problem = await repositoryProblem(repository, signal);
  if (problem) throw refused(problem);
  return { repository, clone: await openClone(worker.dataDirectory, repository, { signal }) };
}

/** Returns the commit that a config's base names. */
export async function baseOf({ repository, clone }: OpenRepository, { base }: LoopConfig): Promise<string> {
  const baseSha = await resolveBase(repository, base, clone.signal);
  if (baseSha) return baseSha;
  const remedy = base === 'HEAD' ? 'make a first commit' : 'give a branch, tag or commit that is there';
  throw refused(`base: "${base}" is no commit of ${repository}; ${remedy}`);
}

/** Returns the real path, or the URL, of a repository that this worker's settings allow. */
export async function allowedRepository({ settings }: Worker, asGiven: string): Promise<string> {
  const misformed = repositoryFormProblem(asGiven);
  if (misformed) throw refused(misformed);
  const repository = await realPlace(asGiven);
  if (settings.repositories.some((glob) => matchesGlob(repository, glob))) return repository;
  const remedy = `its owner can add it to "repositories" in the worker's settings`;
  throw refused(`repository: "${repository}" is not allowed by this worker; ${remedy}`);
}

/** Follows links to the real path; returns a URL as it is. */
export async function realPlace(repository: string): Promise<string> {
  return isUrl(repository) ? repository : realpath(repository).catch(() => repository);
}

/** Rejects iterations added by hand: the loop's alpha is split over its own. */
export function checkIteration({ plan: { config } }: OpenLoop, { iteration, champion }: IterationRef): void {
  if (!Number.isInteger(iteration) || iteration < 1 || iteration > config.iterations)
    throw refused(`iteration: ${String(iteration)} is not a number from 1 to ${config.iterations}`);
  checkSha('champion', champion);
}

export function digest(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
