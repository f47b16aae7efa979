import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/activity';
import { matchesGlob } from '../../adapters/glob.ts';
import { openClone } from '../../adapters/git/clone.ts';
import { bringUpToDate, fetchLedger } from '../../ledger/sync.ts';
import type { Clone } from '../../adapters/git/command.ts';
import { readLedger } from '../../ledger/ledger.ts';
import { remembering } from '../../adapters/git/remembered.ts';
import { listFiles, readBlobs, type TreeFile } from '../../adapters/git/trees.ts';
import type { Model } from '../../adapters/models/model.ts';
import type { Sandbox } from '../../adapters/sandbox/contract.ts';
import { grantAccess, type Grants } from '../../domain/config/grants.ts';
import { branchOf, isRefName } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { loopFalseCommitRate } from '../../domain/verdict/decision.ts';
import {
  protectedFilesOf,
  packageScripts,
  type ProtectedFiles,
  type ProtectionFacts,
} from '../../domain/protection/protected-files.ts';
import { sourceSchema, type Plan } from '../../domain/config/plan.ts';
import { isUrl, repositoryFormProblem } from '../../domain/config/repository.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import type { IterationRef, LoopRef } from '../../domain/steps.ts';
import { dataPaths, loopPaths } from '../../store/layout.ts';
import { readPlan, writePlan } from '../../store/loop-files.ts';
import type { Usage } from '../../store/quota.ts';
import { namedInBase } from '../trees/named-files.ts';

/** What a worker's activities work with; assembled once by worker/. */
export interface Resources {
  dataDirectory: string;
  settings: WorkerSettings;
  sandbox: Sandbox;
  /** This worker's own task queue. */
  queue: string;
  /** Which loops have a running step. */
  usage: Usage;
  /** The embedded model, started on first use. */
  embedded: () => Promise<Model>;
  /** Runs without a sandbox, for a base that fails its tests in it; there only by leave of the worker's owner (settings, `outsideCheck`). */
  outside?: Sandbox['run'];
}

/** A prepared loop on this worker: its plan, what it may reach, and where its files are. */
export interface OpenLoop {
  plan: Plan;
  grants: Grants;
  /** Real path of the repository, or its URL. */
  repository: string;
  clone: Clone;
  directory: string;
  isEditable: (path: string) => boolean;
  protectedFiles: ProtectedFiles;
  /** Equal for equal protected files of equal trees. */
  protectedFilesKey: string;
}

/** Ends the loop non-retryably with one line per problem. */
export function refused(problems: readonly string[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(problems.join('\n'), 'Refused');
}

/**
 * Opens a prepared loop. Everything in `ref` comes from whoever started a workflow, and the plan from a repository:
 * both are checked against this worker's settings again, in every activity.
 */
export async function openLoop(resources: Resources, ref: LoopRef): Promise<OpenLoop> {
  checkLoopId(ref.loopId);
  const repository = await allowedRepository(resources, ref.repository);
  const clone = await openClone(resources.dataDirectory, repository);
  const directory = dataPaths(resources.dataDirectory).loop(ref.loopId);
  const known = await readPlan(directory);
  const plan = known ?? (await bringPlan(clone, repository, ref.loopId));
  if (!plan) throw refused([`loop: "${ref.loopId}" is not prepared on this worker; start it by karpathyLoop`]);
  // Otherwise one loop's id could move refs in another allowed repository.
  if ((await realPlace(plan.config.repository)) !== repository)
    throw refused([`loop: "${ref.loopId}" is not a loop of ${repository}`]);
  checkSha('baseSha', plan.baseSha);
  const { loopId } = ref;
  const branch = branchOf(plan.config, loopId);
  if (!known) await bringUpToDate(clone, repository, { loopId, branch }, plan.baseSha);
  const loop = withGrants(resources, { ...plan, loopId }, repository, clone, await baseScripts(clone, plan.baseSha));
  if (!known) await writePlan(directory, loop.plan);
  return loop;
}

/** On a worker that has never seen the loop the ledger tells what `prepare` fixed; null where there is no such loop. */
async function bringPlan(clone: Clone, repository: string, loopId: string): Promise<Plan | null> {
  return (await fetchLedger(clone, repository, loopId)) === null
    ? null
    : (await readLedger(clone, loopId, { recordsFrom: Infinity })).plan;
}

/** The scripts of every package.json of a base, since what `npm test` and its like run is protected too, and what its files name. */
export type BaseScripts = Required<Pick<ProtectionFacts, 'scripts' | 'packages' | 'named'>>;

export function baseScripts(clone: Clone, baseSha: string): Promise<BaseScripts> {
  return rememberedScripts(`${clone.directory} ${baseSha}`, () => readBaseScripts(clone, baseSha));
}

const rememberedScripts = remembering(20);

async function readBaseScripts(clone: Clone, baseSha: string): Promise<BaseScripts> {
  const isManifest = ({ path, mode }: TreeFile) =>
    mode.startsWith('100') && /^(?!(.*\/)?node_modules\/)(.*\/)?package\.json$/.test(path);
  const files = await listFiles(clone, baseSha);
  const manifests = files.filter(isManifest).slice(0, mostPackages);
  const texts = await readBlobs(
    clone,
    manifests.map(({ sha }) => sha),
  );
  const entries = manifests.map(
    ({ path, sha }) =>
      [path.replace(/\/?package\.json$/, ''), packageScripts(texts.get(sha)!.toString('utf8'))] as const,
  );
  const packages = Object.fromEntries(entries.filter(([directory]) => directory !== ''));
  return { scripts: Object.fromEntries(entries)[''] ?? {}, packages, named: await namedInBase(clone, files) };
}

const mostPackages = 500;

/** Where links lead to; a URL as it is. */
export async function realPlace(repository: string): Promise<string> {
  return isUrl(repository) ? repository : realpath(repository).catch(() => repository);
}

/** Real path, or URL, of a repository that this worker's settings allow. */
export async function allowedRepository({ settings }: Resources, asGiven: string): Promise<string> {
  const misformed = repositoryFormProblem(asGiven);
  if (misformed) throw refused([misformed]);
  const repository = await realPlace(asGiven);
  if (settings.repositories.some((glob) => matchesGlob(repository, glob))) return repository;
  throw refused([
    `repository: "${repository}" is not allowed by this worker; its owner can add it to "repositories" in the worker's settings`,
  ]);
}

/**
 * Checks a plan against the worker's settings and gives it its directories. A plan may come from a ledger, and so from whoever
 * made the repository: what follows from the config is computed anew, and what does not is checked.
 */
export function withGrants(
  resources: Resources,
  plan: Plan,
  repository: string,
  clone: Clone,
  scripts: BaseScripts,
): OpenLoop {
  const parsed = parseLoopConfig(plan.config);
  if (!parsed.ok) throw refused(parsed.problems);
  const config = parsed.value;
  const source = sourceSchema.safeParse(plan.source);
  if (!source.success)
    throw refused(['source: the plan in the ledger names none that can be used; give this loop another id']);
  checkSha('baseSha', plan.baseSha);
  const grants = grantAccess(config, repository, resources.settings, matchesGlob);
  if (!grants.ok) throw refused(grants.problems);
  const guardCommand = grants.value.guard?.command;
  const protectedFiles = protectedFilesOf(config, { matches: matchesGlob, ...scripts, guardCommand });
  const { editable, setup, build, test, benchmark, sideMetrics } = config;
  const { loopId } = plan;
  const fixed = {
    branch: branchOf(config, loopId),
    alpha: loopFalseCommitRate(config.falseCommitRate, config.iterations),
  };
  return {
    plan: { ...plan, ...fixed, config, source: source.data },
    grants: grants.value,
    repository,
    clone,
    directory: dataPaths(resources.dataDirectory).loop(loopId),
    isEditable: protectedFiles.isEditable,
    protectedFiles,
    protectedFilesKey: digest(
      editable,
      setup,
      build,
      test,
      benchmark,
      sideMetrics,
      guardCommand,
      scripts.scripts,
      scripts.packages,
      plan.baseSha,
    ),
  };
}

/** Directory of one iteration's files: journal, prompts, answers. Checks what came over the wire. */
export async function iterationDirectory(loop: OpenLoop, { iteration, champion }: IterationRef): Promise<string> {
  const { iterations } = loop.plan.config;
  // The loop's alpha is split over its iterations, so that none may be added by hand.
  if (!Number.isInteger(iteration) || iteration < 1 || iteration > iterations)
    throw refused([`iteration: ${String(iteration)} is not a number from 1 to ${iterations}`]);
  checkSha('champion', champion);
  const directory = loopPaths(loop.directory).iteration(iteration);
  await mkdir(directory, { recursive: true });
  return directory;
}

export function checkSha(field: string, sha: string): void {
  if (!/^[0-9a-f]{40,64}$/.test(sha)) throw refused([`${field}: ${JSON.stringify(sha)} is not an object id`]);
}

export function checkLoopId(loopId: string): void {
  if (!isRefName(loopId))
    throw refused([`loop id: ${JSON.stringify(loopId)} is not a valid ref name; give the workflow another id`]);
}

export function digest(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

/** Directory of what is made of a tree, by the tree and by what is done to it. */
export function placeOf(loop: OpenLoop, tree: string): string {
  const { setup, provided, build } = loop.plan.config;
  const made = digest(setup, provided, build, loop.plan.baseSha, loop.grants).slice(0, 8);
  return loopPaths(loop.directory).tree(`${tree}-${made}`);
}
