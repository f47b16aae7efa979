import { realpath } from 'node:fs/promises';
import { isPackage, ownFile } from '../../adapters/own-files.ts';
import { fetchCommits, openClone } from '../../adapters/git/clone.ts';
import { git, GitFailure, type Clone } from '../../adapters/git/command.ts';
import { resolveBase } from '../../adapters/git/repository.ts';
import type { AdoptionRef } from '../../domain/adoption/adoption.ts';
import type { Selves } from '../../domain/adoption/selves.ts';
import { dataPaths } from '../../store/layout.ts';
import { readOrder, readSelves, type AdoptionOrder } from '../../store/selves.ts';
import { checkSha, refused } from '../loop/refusal.ts';
import type { WorkerContext } from '../loop/resources.ts';

export interface OpenAdoption {
  order: AdoptionOrder;
  clone: Clone;
  selves: Selves;
  /** The last good build: the one that judges, by its commit. */
  judge: string;
}

/** Opens an adoption. Checks every time that a person at this machine has ordered it: anybody may send the reference. */
export async function openAdoption({ worker, signal }: WorkerContext, ref: AdoptionRef): Promise<OpenAdoption> {
  const { repository, commit } = ref;
  checkSha('commit', commit);
  const { dataDirectory } = worker;
  const order = await readOrder(dataDirectory);
  if (order?.commit !== commit || order.repository !== repository)
    throw refused(
      `adoption: nobody at this machine has ordered it; type "npx karpathy-loop adopt ${commit.slice(0, 12)}" there`,
    );
  const selves = await readSelves(dataDirectory);
  const clone = await openClone(dataDirectory, repository, { signal });
  const judge = await judgeOf(selves);
  await fetchCommits(clone, repository, [commit]);
  await fetchCommits(clone, repository, [judge]).catch((error: unknown) => {
    if (!(error instanceof GitFailure)) throw error;
    throw refused(
      `adoption: the build that works is of commit ${judge.slice(0, 12)}, which ${repository} does not have; fetch it`,
    );
  });
  return { order, clone, selves, judge };
}

/** The commit of the last good build: on trial, that is the one before. */
export async function judgeOf({ trial, current, previous }: Selves): Promise<string> {
  return (trial === null ? current : previous)?.commit ?? (await headOfOwn());
}

/** Directory of a build in the data directory. */
export function buildOf({ worker }: WorkerContext, commit: string): string {
  return dataPaths(worker.dataDirectory).build(commit);
}

/** The commit of the checkout that this worker's code lies in. */
async function headOfOwn(): Promise<string> {
  const own = await realpath(ownFile(''));
  const head = isPackage ? null : await resolveBase(own, 'HEAD').catch(() => null);
  if (head === null) throw refused('adoption: the worker runs from no git checkout; start it from one');
  if ((await git(own, ['status', '--porcelain=v1', '--untracked-files=no'])) !== '')
    throw refused(
      `adoption: ${own} has uncommitted changes, so that nobody can name what judges; commit or stash them`,
    );
  return head;
}
