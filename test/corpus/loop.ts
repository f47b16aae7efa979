import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import {
  pauseUpdate,
  resumeUpdate,
  statusQuery,
  stopSignal,
  pauseSignal,
  type LoopStatus,
} from '../../workflows/messages.ts';
import { plantHooks } from '../support/repository/planted-hooks.ts';
import { createRepository, type RepositorySnapshot, type TestRepository } from '../support/repository/repository.ts';
import type { Proposal } from './proposal.ts';
import { configOf, targetFiles, type Variant } from './variants.ts';
import type { World } from './world.ts';

/** A loop that waits between any two iterations, so that the world can be looked at. */
export interface CorpusLoop {
  id: string;
  target: TestRepository;
  /** The repository before the loop began. */
  before: RepositorySnapshot;
  /** Hooks of the repository that have run. */
  hooksRan: () => Promise<string[]>;
  /** Runs one iteration with this proposal, until the loop waits again. */
  attempt(proposal: Proposal): Promise<Attempt>;
  /** A file of the ledger as it is now, or null. */
  ledgerFile(path: string): Promise<string | null>;
  close(): Promise<void>;
}

export interface Attempt {
  iteration: number;
  record: IterationRecord;
  seconds: number;
}

let made = 0;

/** Starts a loop of this form on a repository of its own with uncommitted work and hooks planted, and waits until it is prepared. */
export async function startLoop(
  { server, worker, secrets, answer, fill }: World,
  variant: Variant,
  iterations: number,
): Promise<CorpusLoop> {
  const id = `corpus-${variant}-${++made}`;
  const target = await createRepository(targetFiles());
  const outside = await mkdtemp(join(tmpdir(), 'linked-'));
  if (variant === 'linked') await plantLinks(target, outside);
  await writeFile(join(target.path, '.env'), secrets.values.repository);
  await writeFile(join(target.path, 'src/top.mjs'), `// ${secrets.values.repository}\n`);
  await target.git('add', 'src/top.mjs');
  const hooksRan = await plantHooks(target);
  const before = await target.snapshot();
  const client = server.client.workflow;
  await client.signalWithStart('karpathyLoop', {
    ...{ workflowId: id, taskQueue: worker.queue, args: [configOf(variant, target.path, iterations)] },
    signal: pauseSignal,
  });
  const handle = client.getHandle(id);
  await untilWaiting(handle, 0);
  let next = 1;
  const ledgerFile = (path: string) => target.git('show', `refs/karpathy-loop/${id}/ledger:${path}`).catch(() => null);
  return {
    ...{ id, target, before, hooksRan, ledgerFile },
    async attempt({ proposal }) {
      const iteration = next++;
      const began = performance.now();
      answer(
        id,
        iteration,
        proposal instanceof Uint8Array
          ? proposal
          : fill(typeof proposal === 'string' ? proposal : JSON.stringify(proposal)),
      );
      await handle.executeUpdate(resumeUpdate);
      await handle.executeUpdate(pauseUpdate);
      await client
        .getHandle(`${id}/iter-${iteration}`)
        .result()
        .catch(() => undefined);
      await untilWaiting(handle, iteration);
      const seconds = (performance.now() - began) / 1000;
      const record = await ledgerFile(`records/${Math.floor(iteration / 100)}/${iteration}.json`);
      if (record === null) throw new Error(`${id}: iteration ${iteration} has no record`);
      return { iteration, record: JSON.parse(record) as IterationRecord, seconds };
    },
    async close() {
      await handle.signal(stopSignal, { now: true }).catch(() => undefined);
      await handle.result().catch(() => undefined);
      await target.remove();
      await rm(outside, { recursive: true, force: true });
    },
  };
}

async function untilWaiting(handle: WorkflowHandle, iteration: number): Promise<void> {
  for (let poll = 1; ; poll++) {
    const status: LoopStatus = await handle.query(statusQuery);
    if (status.phase === 'paused' && status.iteration === iteration) return;
    // A loop that has ended never waits: its failure tells why. A query of a failed one says what was before.
    if (status.phase === 'ended' || (poll % 20 === 0 && (await handle.describe()).status.name !== 'RUNNING')) {
      await handle.result();
      throw new Error(`the loop ended (${status.stop ?? 'without a reason'}) in iteration ${iteration}`);
    }
    await sleep(30);
  }
}

async function plantLinks(target: TestRepository, outside: string): Promise<void> {
  await writeFile(join(outside, 'real.mjs'), 'export const real = 1;\n');
  await symlink(join(outside, 'real.mjs'), join(target.path, 'src/linked.mjs'));
  await symlink(outside, join(target.path, 'src/linked'));
  await mkdir(join(target.path, 'src/folder'));
  await target.commit({ 'src/folder/note.txt': 'a folder\n' }, 'Add links');
}
