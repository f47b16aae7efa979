import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openClone } from '../../adapters/git/clone.ts';
import { probeCgroup, sweepCgroups } from '../../adapters/sandbox/limits/cgroup.ts';
import { sweep } from '../../store/sweep.ts';
import { createTarget } from '../support/repository/target.ts';
import { createDataDirectory } from '../support/server/worker-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bootId = '/proc/sys/kernel/random/boot_id';

describe('the sweep at a start of a worker', () => {
  let data: ReturnType<typeof createDataDirectory>;
  beforeEach(() => (data = createDataDirectory()));
  afterEach(() => data.remove());

  const plant = (...paths: string[]) => {
    for (const path of paths) {
      mkdirSync(dirname(join(data.path, path)), { recursive: true });
      writeFileSync(join(data.path, path), 'half');
    }
  };

  it('removes what dead attempts left unfinished, and nothing else', async () => {
    const target = await createTarget();
    const clone = (await openClone(data.path, target.path)).directory.slice(data.path.length + 1);
    const left = [
      'worker-id.123-0a1b2c3d',
      'boot-id.123-0a1b2c3d',
      'setups/abc.123-0a1b2c3d/node_modules/x.js',
      'clones/target-0a1b.git.123-0a1b2c3d/HEAD',
      `${clone}/index-Ab12Cd/index`,
      `${clone}/packed-refs.lock`,
      `${clone}/refs/karpathy-loop/one/ledger.lock`,
      `${clone}/objects/ab/tmp_obj_x1`,
      `${clone}/objects/tmp_objdir-bulk-fsync-a1/x`,
      'loops/one/plan.json.123-0a1b2c3d',
      'loops/one/trees/aaa-bbb/export.123-0a1b2c3d/src/x.js',
      'loops/one/trees/aaa-bbb/built.123-0a1b2c3d/x',
      'loops/one/collected/aaa/collected.json.123-0a1b2c3d',
      'loops/one/iterations/1/answer-0.json.123-0a1b2c3d',
      'bases/abc/facts.json.123-0a1b2c3d',
      'bases/old/facts.json',
      'checks/doctor-0123/base/x.json',
      'checks/one/base/facts.json.123-0a1b2c3d',
      'removed/0123/x',
    ];
    const kept = [
      'worker-id',
      'settings.json',
      'mine.123-0a1b2c3d',
      'setups/abc/node_modules/lib.1-abcdef01/x.js',
      'bases/abc/facts.json',
      'loops/named.123-0a1b2c3d/plan.json',
      'loops/one/plan.json',
      'loops/one/trees/aaa-bbb/export/data.1-abcdef01',
      'loops/one/trees/aaa-bbb/built/data.1-abcdef01',
      'loops/one/collected/aaa/profile/p.1-abcdef01',
      'loops/one/iterations/1/decisions/ccc/side-m.1-abcdef01/pairs.jsonl',
      'loops/one/iterations/1/answer-0.json',
      'checks/one/base/facts.json',
      `${clone}/refs/karpathy-loop/one/ledger`,
    ];
    plant(...left, ...kept);
    utimesSync(join(data.path, 'bases/old'), 0, 0);
    writeFileSync(join(data.path, 'boot-id'), readFileSync(bootId));
    const removed = await sweep(data.path);
    const stands = (path: string) => existsSync(join(data.path, path));
    expect(left.filter(stands)).toEqual([]);
    expect(kept.filter((path) => !stands(path))).toEqual([]);
    expect(removed).toHaveLength(left.length);
    expect(await sweep(data.path)).toEqual([]);
    await target.remove();
  });

  it('removes after a boot the exported trees, of which the machine may have lost half', async () => {
    const remade = ['loops/one/trees/aaa-bbb/export/x', 'checks/one/trees/aaa-bbb/export/x'];
    const kept = [
      'setups/abc/x',
      'loops/one/plan.json',
      'loops/one/collected/aaa/collected.json',
      'loops/one/iterations/1/decisions/ccc/pairs.jsonl',
      'checks/one/base/facts.json',
      'clones/a.git/HEAD',
    ];
    const standing = () => [...remade, ...kept].filter((path) => existsSync(join(data.path, path)));
    plant(...remade, ...kept);
    writeFileSync(join(data.path, 'boot-id'), '01234567-89ab-cdef-0123-456789abcdef\n');
    await sweep(data.path);
    expect(standing()).toEqual(kept);
    plant(...remade);
    await sweep(data.path);
    expect(standing()).toEqual([...remade, ...kept]);
  });

  it('ends what lives in the control group of a dead worker, and leaves that of a living one alone', async ({
    skip,
  }) => {
    if ((await probeCgroup()) !== 1) skip('no control groups of version 1 can be made here');
    const namespace = /\d+/.exec(spawnSync('readlink', ['/proc/self/ns/pid']).stdout.toString())![0];
    const dead = spawnSync('true').pid;
    const living = spawn('sleep', ['600']);
    const names = [
      `karpathy-loop-${dead}-1-${namespace}`,
      `karpathy-loop-${living.pid}-1-${namespace}`,
      `karpathy-loop-${dead}-1-1`,
    ];
    const groups = names.map((name) => join('/sys/fs/cgroup/pids', name));
    for (const group of groups) mkdirSync(group);
    const orphan = spawn('sleep', ['600']);
    writeFileSync(join(groups[0]!, 'cgroup.procs'), String(orphan.pid));
    const ended = once(orphan, 'exit');
    try {
      expect(await sweepCgroups()).toContain(names[0]);
      expect(await ended).toEqual([null, 'SIGKILL']);
      expect(groups.map(existsSync)).toEqual([false, true, true]);
    } finally {
      orphan.kill('SIGKILL');
      living.kill('SIGKILL');
      for (const group of groups.filter(existsSync)) rmdirSync(group);
    }
  });

  it.each([true, false])(
    'finds no process of a sandbox whose worker was killed (control groups: %s)',
    async (cgroup) => {
      const mark = `${process.pid}${cgroup ? 1 : 0}`;
      const command = `sleep 987.${mark} & (setsid sleep 986.${mark} &) ; exec sleep 985.${mark}`;
      const limits = { seconds: 900, memoryMiB: 256, processes: 32, outputKiB: 64, scratchMiB: 16 };
      const shape = {
        workspace: 'readonly',
        network: false,
        provided: [],
        readOnlyPaths: [],
        devices: [],
        environment: {},
        tools: [],
      };
      writeFileSync(
        join(data.path, 'run.mts'),
        `import { createSandbox } from ${JSON.stringify(join(root, 'adapters/sandbox/create.ts'))};
       const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: ${JSON.stringify(join(data.path, 'sandbox'))}, cgroup: ${cgroup} });
       await sandbox.run(${JSON.stringify({ command, tree: join(data.path, 'sandbox'), ...shape, limits })});`,
      );
      const worker = spawn(process.execPath, ['--import', 'tsx', join(data.path, 'run.mts')], {
        cwd: root,
        stdio: 'ignore',
      });
      const exited = once(worker, 'exit');
      while (marked(mark).length < 3) await sleep(20);
      worker.kill('SIGKILL');
      await exited;
      // The kernel ends them one after the other.
      while (marked(mark).length > 0) await sleep(20);
      await sweepCgroups();
      const groups = existsSync('/sys/fs/cgroup/pids') ? readdirSync('/sys/fs/cgroup/pids') : [];
      expect(groups.filter((name) => name.startsWith(`karpathy-loop-${worker.pid}-`))).toEqual([]);
    },
  );
});

/** Processes of this machine that sleep for a time with this mark. */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && new RegExp(`\\0?sleep\\0\\d+\\.${mark}\\0`).test(commandLineOf(pid)),
  );
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
