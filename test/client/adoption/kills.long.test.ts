import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openClient, targetOf } from '../../../client/backend/connection.ts';
import { runningDaemon } from '../../../client/backend/daemon-file.ts';
import { recordedServer } from '../../../client/backend/server-file.ts';
import { adoptionIdOf } from '../../../domain/names.ts';
import { readSelves } from '../../../store/selves.ts';
import { adoptionMachine } from '../../../workflows/adoption/machine.ts';
import type { AdoptionStatus } from '../../../workflows/messages.ts';
import { createProduct, withShadowsOf, type Product } from '../../support/adoption/product.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';

/** States in which something runs. */
const states = Object.keys(adoptionMachine.states).filter((state) => !/^(adopted|withdrawn)$/.test(state));
const context = 'activities/adoption/context.ts';
/** Each step lasts long enough to be hit before and after it has done its work. */
const slowed = (text: string) =>
  text.replace('  checkSha(', '  await new Promise((resolve) => setTimeout(resolve, 700));\n  checkSha(');

const victims: [string, (pids: Pids) => number[]][] = [
  ['the worker', ({ worker }) => worker],
  ['the daemon', ({ daemon }) => daemon],
  ['worker and server', ({ worker, server }) => [...worker, ...server]],
  ['all of them', ({ worker, server, daemon }) => [...daemon, ...worker, ...server]],
];
/** The whole drill takes half an hour; a full check runs its last part. */
const isWhole = process.env['KARPATHY_LOOP_DRILL'] === 'whole';

describeWithServer('an adoption that is killed in every state', () => {
  let product: Product;
  let kills = 0;
  beforeAll(async () => {
    product = await createProduct((path, text) =>
      path === context ? slowed(text) : withShadowsOf('edits')(path, text),
    );
  });
  afterAll(() => product.remove());

  /** Adopts a commit, and kills processes when each of its states begins; the command line is attached throughout. */
  async function adopt(commit: string, killed: (pids: Pids) => number[], random: () => number): Promise<string> {
    const attached = product.begin(['adopt', commit, '--data', product.data, '--trial', '2']);
    const over = new AbortController();
    const isOver = () => over.signal.aborted;
    void attached.ended.then(() => over.abort());
    const hit = new Set<string>();
    // Whoever keeps a process starts it again five times.
    const spared = [0, 1, 2].map(() => states[Math.floor(random() * states.length)]!);
    for (;;) {
      await sleep(50);
      if (isOver()) break;
      const state = await stateOf(product.data);
      if (state === null || hit.has(state) || !states.includes(state) || hit.size >= 5 || spared.includes(state))
        continue;
      hit.add(state);
      await sleep(random() * 1_500);
      // Whoever brings killed ones up again must be there.
      if (isOver()) break;
      const victims = killed(pidsOf(product.data));
      for (const pid of victims) process.kill(pid, 'SIGKILL');
      kills += Number(victims.length > 0);
    }
    const { stdout, stderr } = await attached.ended;
    await product.call(['down', '--data', product.data]);
    return stdout + stderr;
  }

  it.each(isWhole ? victims : victims.slice(-1))(
    'ends adopted or withdrawn when %s is killed',
    async (name, killed) => {
      const before = await readSelves(product.data);
      let seed = name.length;
      const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
      // What fails in the middle has a way back too.
      for (const failing of [false, true]) {
        const file = failing ? 'domain/proposal/fails-outside.ts' : `domain/proposal/added-${seed}.ts`;
        const commit = await product.candidate({ [file]: `export const x = ${JSON.stringify(name)};\n` });
        const stdout = await adopt(commit, killed, random);
        const outcome = /^(adopted|withdrawn) +[0-9a-f]{12}: /m.exec(stdout)?.[1];
        const after = await readSelves(product.data);
        expect([outcome, stdout]).toEqual([
          expect.stringMatching(failing ? /^withdrawn$/ : /^(adopted|withdrawn)$/),
          stdout,
        ]);
        expect(after).toMatchObject({ trial: null, ...(outcome === 'withdrawn' && { current: before.current }) });
        if (outcome === 'adopted') {
          expect(after.current?.commit).toBe(commit);
          // The next commits are built upon HEAD.
          for (let back = after; back.current !== null; back = await readSelves(product.data))
            await product.call(['adopt', '--back', '--data', product.data]);
        }
        expect(await readSelves(product.data)).toMatchObject({ current: null, trial: null });
        const chain = await product.call(['selves', '--data', product.data, '--json']);
        const links = (JSON.parse(chain.stdout) as { chain: { evidence: { commit: string }; isProven: boolean }[] })
          .chain;
        expect(links.filter(({ evidence }) => evidence.commit === commit)).toHaveLength(1);
        expect(links.every(({ isProven }) => isProven)).toBe(true);
      }
    },
  );

  it('was hit often enough', () => {
    expect(kills).toBeGreaterThanOrEqual(isWhole ? 30 : 4);
  });
});

interface Pids {
  daemon: number[];
  worker: number[];
  server: number[];
}

function pidsOf(data: string): Pids {
  const { pid } = runningDaemon(data) ?? {};
  const server = recordedServer(data)?.pid;
  const isLive = (one: number | undefined): one is number => one !== undefined && isAlive(one);
  const listed = spawnSync('pgrep', ['-f', `worker/worker.ts --data ${data}`], { encoding: 'utf8' });
  const all = listed.stdout.split('\n');
  return {
    daemon: [pid].filter(isLive),
    worker: all.filter(Boolean).map(Number).filter(isLive),
    server: [server].filter(isLive),
  };
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

let client: { at: string; opened: Client } | null = null;

/** @returns null where nobody answers */
async function stateOf(data: string): Promise<string | null> {
  const { ready } = runningDaemon(data) ?? {};
  if (!ready) return null;
  try {
    if (client?.at !== ready.address) {
      const opened = await openClient({
        ...targetOf({ data }),
        address: ready.address,
        options: { address: ready.address },
      });
      client = { at: ready.address, opened };
    }
    const asked = client.opened.workflow.getHandle(adoptionIdOf(ready.queue)).query<AdoptionStatus>('status');
    return (await Promise.race([asked, sleep(1_000).then(() => null)]))?.state ?? null;
  } catch {
    return null;
  }
}
