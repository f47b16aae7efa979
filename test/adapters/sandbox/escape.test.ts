import { existsSync, readFileSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SandboxRequest, SandboxResult } from '../../../adapters/sandbox/contract.ts';
import { findToolchains, systemDirectories } from '../../../adapters/sandbox/tools.ts';
import { environmentWith, hasBubblewrap, makeTree, processesWith, requestOf, withBubblewrap } from './request.ts';
import { variants } from './variants.ts';

const tree = makeTree();
const settings = [
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/hostname',
  '/proc/sys/vm/drop_caches',
  '/proc/sysrq-trigger',
];

/** What prints a line of its own for all that it could do is to print none. */
const requests = {
  identity: requestOf(
    'id -u; grep -E "^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Groups)" /proc/self/status',
    tree,
  ),
  settings: requestOf(`for f in ${settings.join(' ')}; do ( : >>$f ) 2>/dev/null && echo "wrote $f"; done; true`, tree),
  network: requestOf('grep : /proc/net/dev | cut -d: -f1 | tr -d " "; ls /sys 2>/dev/null', tree),
  namespaces: requestOf(
    'for n in user mount net pid; do unshare --$n true 2>/dev/null && echo "unshared $n"; done; unshare --user --map-root-user --mount true && echo root',
    tree,
  ),
  root: requestOf('ls -A / | sort', tree),
  mounts: requestOf('cut -d" " -f5 /proc/self/mountinfo | sort -u', tree),
  environment: requestOf('env | grep -v -e ^SHLVL= -e ^_= -e ^OLDPWD= | sort', tree, {
    environment: { SHOWN: 'yes', PATH: '/nowhere', HOME: '/root' },
  }),
  descriptors: requestOf('ls /proc/self/fd | sort -u | tr "\\n" " "', tree),
  processes: requestOf('cat /proc/[0-9]*/cmdline | tr "\\0" " "', tree),
  signals: requestOf(`kill -0 ${process.pid} 2>/dev/null && echo reached; kill -9 -1; true`, tree),
  asked: requestOf(
    'ls -A / | sort; ( : >>/guard/x ) 2>/dev/null && echo "wrote /guard/x"; cat $GUARD/held-out.txt',
    tree,
    { guard: makeTree({ 'held-out.txt': 'held out\n' }) },
  ),
  // Until it has been seen from outside, and is killed.
  outside: requestOf('sleep 4411', tree, { limits: { seconds: 120 } }),
} satisfies Record<string, SandboxRequest>;

const shownAlways = [
  'dev',
  'etc',
  'home',
  'init',
  'proc',
  'repo',
  'tmp',
  ...systemDirectories.filter((path) => existsSync(path)).map((path) => path.slice(1)),
];

describe.skipIf(!hasBubblewrap)(withBubblewrap('nothing escapes'), () => {
  describe.each(variants)('$title', (variant) => {
    let results: Record<keyof typeof requests, SandboxResult>;
    const uidsOutside: number[] = [];
    const corePattern = readFileSync(settings[0]!, 'utf8');

    beforeAll(async () => {
      process.env.SECRET_TOKEN = 'hidden';
      const during = variant.run(requests).finally(() => (ended = true));
      let ended = false;
      while (!(ended as boolean)) {
        for (const line of processesWith('sleep 4411').filter((text) => /^ *\d+ sleep 4411$/.test(text))) {
          const pid = Number.parseInt(line, 10);
          uidsOutside.push(...uidOf(pid));
          process.kill(pid);
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      delete process.env.SECRET_TOKEN;
      results = await during;
    });

    it('as root of the host, or with a capability', () => {
      expect(new Set(uidsOutside)).toEqual(new Set([variant.uid]));
      const [id, ...status] = results.identity.stdout.trim().split('\n');
      expect(id).toBe('1000');
      expect(
        status.filter(
          (line) =>
            !/^(Cap\w+:\t0{16}|NoNewPrivs:\t1|Groups:\t(65534 ?)*)$/.test(line.trim()) && line.trim() !== 'Groups:',
        ),
      ).toEqual([]);
    });

    it('to kernel settings', () => {
      expect(results.settings).toMatchObject({ status: 'ok', stdout: '' });
      expect(readFileSync(settings[0]!, 'utf8')).toBe(corePattern);
    });

    it('to a network but its own loopback', () => {
      expect(results.network.stdout).toBe('lo\n');
    });

    it('into namespaces of its own', () => {
      expect(results.namespaces.stdout).toBe('');
    });

    it('to a path of the host but those that it was given', () => {
      expect(results.root.stdout.trim().split('\n')).toEqual(shownAlways.sort());
      const { show } = findToolchains(['node']);
      const etc = [
        'alternatives',
        'group',
        'hosts',
        'ld.so.cache',
        'localtime',
        'nsswitch.conf',
        'passwd',
        'ssl/certs',
      ].map((name) => `/etc/${name}`);
      const allowed = ['/', '/dev', '/init', '/proc', '/repo', '/tmp', ...etc, ...systemDirectories, ...show];
      const mounts = results.mounts.stdout.trim().split('\n');
      expect(mounts.filter((path) => !allowed.includes(path) && !/^\/(dev|proc|usr)\//.test(path))).toEqual([]);
    });

    it('to a guard that it could change', () => {
      expect(results.asked.stdout.trim().split('\n')).toEqual([...[...shownAlways, 'guard'].sort(), 'held out']);
    });

    it('to an environment but the allow-list', () => {
      expect(results.environment.stdout.trim().split('\n')).toEqual(environmentWith('SHOWN=yes'));
    });

    it('to descriptors of the loop', () => {
      // The fourth is the directory that is being listed.
      expect(results.descriptors.stdout.trim()).toBe('0 1 2 3');
    });

    it('to processes of the host', () => {
      expect(results.processes.stdout).not.toMatch(/vitest|bwrap|systemd/);
      expect(results.signals.stdout).toBe('');
    });
  });
});

function uidOf(pid: number): number[] {
  const stat = statSync(`/proc/${pid}`, { throwIfNoEntry: false });
  return stat ? [stat.uid] : [];
}
