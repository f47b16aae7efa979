import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LimitsLayer, SandboxRequest, SandboxResult, SandboxStatus } from '../../../adapters/sandbox/contract.ts';
import { hasBubblewrap, leftGroups, makeTree, processesWith, profileIn, requestOf, withBubblewrap } from './request.ts';
import { hasPython, variants } from './variants.ts';

interface Attacker {
  /** Exits 0 wherever it can. $HOLD is how long it then stays, in seconds: until it is seen where somebody looks, not at all where the kernel counts. */
  command: string;
  changes?: Omit<NonNullable<Parameters<typeof requestOf>[2]>, 'profile'> & { profile?: 'writable' };
  /** Any of them; where the kernel and the poller may both be first, each is right. */
  ends: Record<'cgroup' | 'polled', SandboxStatus[]>;
  skip?: boolean;
}

const both = (...statuses: SandboxStatus[]) => ({ cgroup: statuses, polled: statuses });
const hold = 'sleep $HOLD';
const eat = (mebibytes: number) =>
  `node -e "const kept = []; while (kept.length < ${mebibytes / 16}) kept.push(Buffer.alloc(16 << 20, 1)); setTimeout(() => kept, 1000 * process.env.HOLD)"`;
const hidden = 'CPU time: hidden';
const python = (script: string) => `python3 -c '${script.replaceAll("'", '"')}'`;

const attackers: Record<string, Attacker> = {
  'memory: one process': { command: `${eat(320)}; exit 0`, ends: both('oom') },
  'memory: one process without end': {
    command: eat(1e6),
    ends: { cgroup: ['oom'], polled: ['oom', 'signal', 'failed'] },
  },
  // They must all be there at once, however slowly they start: none leaves before one of them has been ended.
  'memory: a tree of processes': {
    command: `HOLD=60; for i in 1 2 3 4; do { ${eat(96)}; echo >/tmp/ended; } & done; until [ -e /tmp/ended ]; do sleep 0.1; done; exit 0`,
    changes: { limits: { processes: 128 } },
    ends: both('oom'),
  },
  'memory: files in /tmp': {
    command: `dd if=/dev/zero of=/tmp/x bs=1M count=320 && ${hold}; exit 0`,
    changes: { limits: { scratchMiB: 1024 } },
    ends: both('oom'),
  },
  'memory: a file without a name': {
    command: `${python("import os, time; f = os.memfd_create('x'); [os.write(f, bytes(1 << 20)) for _ in range(320)]; time.sleep(int(os.environ['HOLD']))")}; exit 0`,
    ends: both('oom'),
    skip: !hasPython,
  },
  'memory: shared by a tree': {
    command: `${python("import mmap, os, time; m = mmap.mmap(-1, 320 << 20); [m.__setitem__(i, 1) for i in range(0, 320 << 20, 4096)]; time.sleep(int(os.environ['HOLD']))")}; exit 0`,
    ends: both('oom'),
    skip: !hasPython,
  },
  'processes: a bomb': {
    command: `node -e "for (let i = 0; i < 200; i++) try { child_process.spawn('sleep', ['4401']).on('error', () => {}).unref(); } catch {} setTimeout(() => process.exit(0), 1000 * process.env.HOLD)"; exit 0`,
    ends: both('pids'),
  },
  'processes: threads': {
    command: `node -e "for (let i = 0; i < 60; i++) new worker_threads.Worker('setTimeout(() => {}, 1e6)', { eval: true }).on('error', () => {}); setTimeout(() => process.exit(0), 1000 * process.env.HOLD)"; exit 0`,
    changes: { limits: { memoryMiB: 1024 } },
    // Where a thread cannot be made, Node.js aborts.
    ends: { cgroup: ['pids'], polled: ['pids', 'signal', 'failed'] },
  },
  'disk: a file larger than /tmp': {
    command: 'dd if=/dev/zero of=/tmp/x bs=1M count=64 2>/dev/null || exit 7',
    ends: both('failed'),
  },
  'disk: many files in /profile': {
    command: `for i in $(seq 40); do fallocate -l 8M /profile/$i; done; ${hold}; sleep 60`,
    changes: { profile: 'writable', limits: { scratchMiB: 8 } },
    ends: both('disk'),
  },
  'disk: files in /profile without a name': {
    command: `for i in 3 4 5 6 7 8 9; do eval "exec $i>/profile/x"; fallocate -l 8M /profile/x; rm /profile/x; done; sleep 60`,
    changes: { profile: 'writable', limits: { scratchMiB: 8 } },
    ends: both('disk'),
  },
  'inodes: directories in /tmp': {
    command: 'node -e "for (let i = 0; i < 60000; i++) fs.mkdirSync(\'/tmp/\' + i)"; sleep 60',
    ends: both('disk'),
  },
  'inodes: directories in a copied tree': {
    command: 'node -e "for (let i = 0; i < 60000; i++) fs.mkdirSync(\'/repo/\' + i)"; sleep 60',
    changes: { workspace: 'copy' },
    ends: both('disk'),
  },
  [hidden]: { command: 'python3 hide.py', ends: both('ok'), skip: !hasPython },
  'output: a flood': { command: 'yes; exit 0', ends: both('output') },
  'time: a tree that ignores signals and left its session': {
    command: 'trap "" TERM INT HUP; setsid sh -c "trap \\"\\" TERM INT HUP; while :; do sleep 4402; done" & sleep 4402',
    changes: { limits: { seconds: 0.5 } },
    ends: both('timeout'),
  },
};

describe.skipIf(!hasBubblewrap)(withBubblewrap('attackers'), () => {
  describe.each(variants)('$title', (variant) => {
    let results: Record<string, SandboxResult>;

    beforeAll(async () => {
      const profiles: string[] = [];
      const makeProfile = () => {
        profiles.push(variant.makeWritable());
        return profiles.at(-1)!;
      };
      const requests = Object.entries(attackers).map(([name, attacker]) => [
        name,
        requestFor(attacker, variant.layer, makeProfile),
      ]);
      results = await variant.run(Object.fromEntries(requests) as Record<string, SandboxRequest>);
      for (const profile of profiles) for (const name of readdirSync(profile)) rmSync(join(profile, name));
    });

    it.each(Object.entries(attackers).map(([name, attacker]) => ({ name, ...attacker })))(
      '$name',
      ({ name, ends, skip }) => {
        if (skip) return;
        const { status, tail } = results[name]!;
        expect(ends[variant.layer as 'cgroup'], tail).toContain(status);
        expect(results[name]).toMatchObject({ limitsLayer: variant.layer, sandbox: 'bubblewrap' });
      },
    );

    it.runIf(hasPython)('cannot hide CPU time in children that nobody waits for, nor have it counted twice', () => {
      const { status, cpuMs, cpuSource } = results[hidden]!;
      expect({ status, cpuSource }).toEqual({ status: 'ok', cpuSource: variant.layer });
      expect(cpuMs).toBeGreaterThan(300);
      expect(cpuMs).toBeLessThan(3000);
    });

    it('leave no process and no control group', () => {
      expect(processesWith('sleep 440')).toEqual([]);
      expect(leftGroups()).toEqual([]);
    });
  });
});

function requestFor(
  { command, changes = {}, skip }: Attacker,
  layer: LimitsLayer,
  makeProfile: () => string,
): SandboxRequest {
  const { limits, profile, ...others } = changes;
  return requestOf(skip ? 'true' : command, tree, {
    ...others,
    ...(profile ? { profile: profileIn(makeProfile()) } : {}),
    environment: { HOLD: layer === 'cgroup' ? '0' : '60' },
    limits: { seconds: 120, memoryMiB: 256, processes: 32, ...limits },
  });
}

/** Burns 1.5 s in a child that its parent does not wait for, so that rusage never hears of it. */
const hiding = `
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    while time.process_time() < 1.5: pass
    os._exit(0)
try: os.wait()
except ChildProcessError: pass
`;

const tree = makeTree({ 'hide.py': hiding });
