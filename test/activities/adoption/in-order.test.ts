import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inOrder } from '../../../activities/adoption/in-order.ts';
import type { WorkerContext } from '../../../activities/loop/resources.ts';
import { adoptionSteps, type AdoptionAnswer, type AdoptionSteps } from '../../../domain/adoption/adoption.ts';
import { writeOrder } from '../../../store/selves.ts';

const commit = 'c'.repeat(40);
const order = { repository: '/product', commit, trialSeconds: 1, iterations: 1 };

describe('steps of an adoption, asked for by whoever reaches the server', () => {
  let dataDirectory: string;
  let ran: string[];
  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'karpathy-loop-order-'));
    ran = [];
    await writeOrder(dataDirectory, order);
  });
  afterEach(() => rm(dataDirectory, { recursive: true, force: true }));

  function ask(step: keyof AdoptionSteps, adoption = 'run-1', kind: AdoptionAnswer['kind'] = 'passed') {
    const run = () => {
      ran.push(step);
      return Promise.resolve<AdoptionAnswer>(kind === 'passed' ? { kind, facts: 'fine' } : { kind, detail: 'bad' });
    };
    return inOrder(step, run)({ worker: { dataDirectory } } as WorkerContext, { adoption, ...order });
  }

  it('run in their order, each again where it was cut off, and not once it is over', async () => {
    for (const step of [...adoptionSteps, 'adopt'] as const) {
      await ask(step);
      await ask(step);
    }
    expect(ran).toHaveLength(16);
    await expect(ask('promote')).rejects.toThrow(/^adoption: promote is not due; /);
    await ask('withdraw');
    expect(inOrder('promote', () => Promise.reject(new Error())).name).toBe('promote');
  });

  it('skip none', async () => {
    for (const step of ['build', 'rehearse', 'shadow', 'examine', 'promote', 'accompany', 'adopt'] as const)
      await expect(ask(step)).rejects.toThrow(/ is not due; /);
    await ask('inspect', 'run-1', 'failed');
    await expect(ask('build')).rejects.toThrow(/^adoption: build is not due; /);
    await ask('inspect');
    await expect(ask('promote')).rejects.toThrow(/^adoption: promote is not due; /);
    expect(ran).toEqual(['inspect', 'inspect']);
  });

  it('serve one adoption for each order: none that was withdrawn comes again without a person', async () => {
    await ask('inspect');
    await expect(ask('build', 'run-2')).rejects.toThrow(/^adoption: build is not due; /);
    await ask('withdraw');
    await expect(ask('inspect')).rejects.toThrow(/ is not due; /);
    await expect(ask('inspect', 'run-2')).rejects.toThrow(/ is not due; /);
    await writeOrder(dataDirectory, order);
    await ask('inspect', 'run-2');
  });
});
