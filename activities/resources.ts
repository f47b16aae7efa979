import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { matchesGlob } from '../adapters/glob.ts';
import { openClone } from '../adapters/git/clone.ts';
import type { Clone } from '../adapters/git/command.ts';
import { readLedger } from '../adapters/git/ledger.ts';
import type { Model } from '../adapters/models/model.ts';
import type { Sandbox } from '../adapters/sandbox/run.ts';
import { admit, type Admission } from '../domain/admission.ts';
import { branchOf, isRefName, parseLoopConfig } from '../domain/config.ts';
import { loopFalseCommitRate } from '../domain/decision.ts';
import { sourceSchema, type Plan } from '../domain/plan.ts';
import type { WorkerSettings } from '../domain/settings.ts';
import type { IterationRef, LoopRef } from '../domain/steps.ts';

/** What a worker's activities work with; assembled once by worker/. */
export interface Resources {
  dataDirectory: string;
  settings: WorkerSettings;
  sandbox: Sandbox;
  /** This worker's own task queue. */
  queue: string;
  /** The embedded model, started on first use. */
  embedded: () => Promise<Model>;
}

/** A prepared loop on this worker: its plan, what it may reach, and where its files are. */
export interface OpenLoop {
  plan: Plan;
  admission: Admission;
  /** Real path of the repository. */
  repository: string;
  clone: Clone;
  directory: string;
  isEditable: (path: string) => boolean;
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
  const repository = await realpath(ref.repository).catch(() => ref.repository);
  if (!resources.settings.repositories.some((glob) => matchesGlob(repository, glob))) {
    throw refused([`repository: "${repository}" is not allowed by this worker; its owner can add it to "repositories" in the worker's settings`]);
  }
  const clone = await openClone(resources.dataDirectory, repository);
  const directory = loopDirectory(resources, ref.loopId);
  const plan = (await readPlan(directory)) ?? (await readLedger(clone, ref.loopId, { recordsFrom: Infinity })).plan;
  if (!plan) throw refused([`loop: "${ref.loopId}" is not prepared on this worker; start it by karpathyLoop`]);
  // Otherwise one loop's id could move refs in another allowed repository.
  if ((await realpath(plan.config.repository).catch(() => null)) !== repository) throw refused([`loop: "${ref.loopId}" is not a loop of ${repository}`]);
  return withAdmission(resources, { ...plan, loopId: ref.loopId }, repository, clone);
}

/**
 * Checks a plan against the worker's settings and gives it its directories. A plan may come from a ledger, and so from whoever
 * made the repository: what follows from the config is computed anew, and what does not is checked.
 */
export function withAdmission(resources: Resources, plan: Plan, repository: string, clone: Clone): OpenLoop {
  const parsed = parseLoopConfig(plan.config);
  if (!parsed.ok) throw refused(parsed.problems);
  const config = parsed.value;
  const source = sourceSchema.safeParse(plan.source);
  if (!source.success) throw refused(['source: the plan in the ledger names none that can be used; give this loop another id']);
  checkSha('baseSha', plan.baseSha);
  const admission = admit(config, repository, resources.settings, matchesGlob);
  if (!admission.ok) throw refused(admission.problems);
  const isEditable = (path: string) => config.editable.some((glob) => matchesGlob(path, glob));
  const { loopId } = plan;
  const fixed = { branch: branchOf(config, loopId), a0: loopFalseCommitRate(config.falseCommitRate, config.iterations) };
  return {
    plan: { ...plan, ...fixed, config, source: source.data },
    admission: admission.value,
    repository,
    clone,
    directory: loopDirectory(resources, loopId),
    isEditable,
  };
}

export async function writePlan(loop: OpenLoop): Promise<void> {
  await writeAtomically(join(loop.directory, 'plan.json'), JSON.stringify(loop.plan));
}

/** Directory of one iteration's files: journal, prompts, answers. Checks what came over the wire. */
export async function iterationDirectory(loop: OpenLoop, { iteration, champion }: IterationRef): Promise<string> {
  const { iterations } = loop.plan.config;
  // The loop's a0 is split over its iterations, so that none may be added by hand.
  if (!Number.isInteger(iteration) || iteration < 1 || iteration > iterations)
    throw refused([`iteration: ${String(iteration)} is not a number from 1 to ${iterations}`]);
  checkSha('champion', champion);
  const directory = join(loop.directory, 'iterations', String(iteration));
  await mkdir(directory, { recursive: true });
  return directory;
}

export function checkSha(field: string, sha: string): void {
  if (!/^[0-9a-f]{40,64}$/.test(sha)) throw refused([`${field}: ${JSON.stringify(sha)} is not an object id`]);
}

export function checkLoopId(loopId: string): void {
  if (!isRefName(loopId)) throw refused([`loop id: ${JSON.stringify(loopId)} is not a valid ref name; give the workflow another id`]);
}

export function digest(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

/** Writes beside and renames, so that a kill leaves the old file or the new one. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = uniqueBeside(file);
  const handle = await open(temporary, 'w');
  await handle.writeFile(content);
  await handle.sync();
  await handle.close();
  await rename(temporary, file);
}

/** A name beside `path` that no other attempt, in this process or another, has. */
export function uniqueBeside(path: string): string {
  return `${path}.${process.pid}-${randomUUID().slice(0, 8)}`;
}

export async function readJson<T>(file: string): Promise<T | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as T);
}

function readPlan(directory: string): Promise<Plan | null> {
  return readJson<Plan>(join(directory, 'plan.json'));
}

function loopDirectory(resources: Resources, loopId: string): string {
  return join(resources.dataDirectory, 'loops', encodeURIComponent(loopId));
}
