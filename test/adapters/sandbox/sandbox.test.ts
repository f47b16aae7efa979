import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import type { Sandbox } from '../../../adapters/sandbox/contract.ts';
import {
  environmentWith,
  hasBubblewrap,
  isRoot,
  leftGroups,
  makeDirectory,
  makeTree,
  processesWith,
  requestOf,
  withBubblewrap,
} from './request.ts';

describe.skipIf(!hasBubblewrap)(withBubblewrap('a run in the sandbox'), () => {
  let sandbox: Sandbox;
  const tree = makeTree({ 'a.txt': 'content of a\n', 'sub/b.txt': 'b\n' });
  const run = (command: string, changes: Parameters<typeof requestOf>[2] = {}) =>
    sandbox.run(requestOf(command, tree, changes));

  beforeAll(async () => {
    sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });
  });
  afterAll(() => {
    expect(leftGroups()).toEqual([]);
  });

  describe('holds', () => {
    it('passes its own self-test with node and npm', async () => {
      expect(await sandbox.selfTest(['node', 'npm'])).toEqual([]);
    });

    it('is not root on the host and cannot write kernel settings', async () => {
      const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
      const result = await run(
        'id -u; cat /proc/self/uid_map; for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/vm/drop_caches; do ( : >>$f ) 2>/dev/null && echo "wrote $f"; done; grep CapEff /proc/self/status',
      );
      expect(result.stdout).toMatch(/^1000\n/);
      expect(result.stdout).toMatch(/CapEff:\t0{16}\n/);
      expect(result.stdout).not.toContain('wrote');
      expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
    });

    it.runIf(isRoot)(
      'gives files that it makes for a root worker to no known user, and back to root afterwards',
      async () => {
        const own = makeTree();
        const during = sandbox.run(requestOf('touch made; chmod u+s made; sleep 1', own, { workspace: 'writable' }));
        await expect.poll(() => statSync(`${own}/made`, { throwIfNoEntry: false })?.uid).toBe(65_527);
        expect((await during).status).toBe('ok');
        const { uid, mode } = statSync(`${own}/made`);
        expect({ uid, setuid: mode & 0o4000 }).toEqual({ uid: 0, setuid: 0 });
      },
    );

    it('can write nothing but /tmp and /dev/shm, and those not without bound', async () => {
      const result = await run(
        'for f in /x /dev/x /etc/x /usr/x /repo/x /repo/a.txt /tmp/x /dev/shm/x; do ( : >>$f ) 2>/dev/null && echo "wrote $f"; done; dd if=/dev/zero of=/tmp/big bs=1M count=64 2>&1 | grep -o "No space left on device"',
      );
      expect(result.stdout).toBe('wrote /tmp/x\nwrote /dev/shm/x\nNo space left on device\n');
    });

    it('sees no path of the host but what it was given, and no process of it', async () => {
      const result = await run(
        'ls -A / | sort | tr "\\n" " "; ls /root /var /srv 2>/dev/null; ls -A ~; ls /etc | sort | tr "\\n" " "; ls -d /proc/[0-9]* | wc -l',
      );
      const [root, etc, processes] = result.stdout.split(/ (?=alternatives)| \n?(?=\d+\n)/);
      expect(root!.split(' ').filter((name) => !/^(bin|sbin|lib\w*|usr)$/.test(name))).toEqual([
        'dev',
        'etc',
        'home',
        'init',
        'proc',
        'repo',
        'tmp',
      ]);
      expect(
        etc!
          .split(' ')
          .filter(
            (name) =>
              ![
                'alternatives',
                'group',
                'hosts',
                'ld.so.cache',
                'localtime',
                'nsswitch.conf',
                'passwd',
                'ssl',
              ].includes(name),
          ),
      ).toEqual([]);
      expect(Number(processes)).toBeLessThan(8);
    });

    it('has no network but its own loopback, where names and servers work', async () => {
      const script = `
        const net = require('node:net');
        const server = net.createServer((socket) => socket.end('pong')).listen(0, '127.0.0.1', () =>
          net.connect(server.address().port, 'localhost').on('data', (data) => { console.log(String(data)); server.close(); out(); }));
        const out = () => net.connect(53, '192.0.2.1').on('error', (error) => console.log(error.code));`;
      const result = await run(`grep -c : /proc/net/dev; node -e "${script.replaceAll('\n', ' ')}"`);
      expect(result.stdout).toBe('1\npong\nENETUNREACH\n');
    });

    it('cannot make namespaces of its own', async () => {
      expect((await run('unshare --user true; unshare --user --map-root-user --mount true')).status).toBe('failed');
    });

    it('gets the environment that was named and nothing of the worker, nor its open files', async () => {
      process.env.SECRET_TOKEN = 'hidden';
      const result = await run(
        'env | sort | grep -v -e ^SHLVL= -e ^_= -e ^OLDPWD=; ls -l /proc/self/fd | grep -v -e "/dev/null" -e ^total | wc -l',
        {
          environment: { SHOWN: 'yes', PATH: '/nowhere', HOME: '/root' },
        },
      );
      delete process.env.SECRET_TOKEN;
      expect(result.stdout.split('\n').slice(0, -2)).toEqual(environmentWith('SHOWN=yes'));
      expect(Number(result.stdout.split('\n').at(-2))).toBe(3);
    });

    it('does not show what was let through to other users of the host', async () => {
      const during = run('sleep 1', { environment: { SHOWN: 'not-in-arguments' } });
      await expect.poll(() => processesWith('bwrap --json-status-fd').length).toBeGreaterThan(0);
      expect(processesWith('not-in-arguments')).toEqual([]);
      await during;
    });

    it("has network with the host's names if that is asked for", async () => {
      const result = await run('test -e /etc/resolv.conf && grep -c : /proc/net/dev', { network: true });
      expect(result.exitCode).toBe(0);
      expect(Number(result.stdout)).toBe(
        readFileSync('/proc/net/dev', 'utf8')
          .split('\n')
          .filter((line) => line.includes(':')).length,
      );
    });
  });

  describe('ends with', () => {
    it('ok and what it measured', async () => {
      const result = await run(
        'echo out; echo err >&2; node -e "for (const end = Date.now() + 300; Date.now() < end;);"',
      );
      expect(result).toMatchObject({
        status: 'ok',
        fault: null,
        exitCode: 0,
        signal: null,
        stdout: 'out\n',
        outBytes: 8,
        truncated: false,
        sandbox: 'bubblewrap',
        limitsLayer: sandbox.limitsLayer,
      });
      expect(result.tail.split('\n').sort()).toEqual(['err', 'out']);
      expect(result.wallMs).toBeGreaterThanOrEqual(300);
      expect(result.cpuMs).toBeGreaterThan(0);
      expect(result.cpuSource).toBe(sandbox.limitsLayer === 'cgroup' ? 'cgroup' : 'rusage');
    });

    it('failed and the exit code', async () => {
      expect(await run('echo why >&2; exit 7')).toMatchObject({ status: 'failed', exitCode: 7, tail: 'why' });
    });

    it('signal and its number', async () => {
      expect(await run('kill -SEGV $$')).toMatchObject({ status: 'signal', exitCode: 139, signal: 11 });
    });

    it('timeout, and nothing left of a tree that ignores signals and left its session', async () => {
      const result = await run(
        'trap "" TERM INT HUP; setsid sh -c "trap \\"\\" TERM INT HUP; while :; do sleep 4321; done" & sleep 4321',
        {
          limits: { seconds: 0.5 },
        },
      );
      expect(result).toMatchObject({ status: 'timeout', exitCode: null });
      await expect.poll(() => processesWith('sleep 4321')).toEqual([]);
    });

    it('its own status at the end of the command, though a daemon holds the pipe', async () => {
      const result = await run('setsid sleep 4322 & echo done', { limits: { seconds: 20 } });
      expect(result).toMatchObject({ status: 'ok', stdout: 'done\n' });
      expect(processesWith('sleep 4322')).toEqual([]);
    });

    it('output, cut at the limit', async () => {
      const result = await run('yes', { limits: { outputKiB: 16 } });
      expect(result).toMatchObject({ status: 'output', exitCode: null, truncated: true });
      expect(result.stdout).toHaveLength(16_384);
      expect(await run('head -c 40000 /dev/zero; exit 0', { limits: { outputKiB: 16 } })).toMatchObject({
        status: 'output',
      });
    });

    it('cancelled, at once', async () => {
      const controller = new AbortController();
      const during = run('sleep 4323', { signal: controller.signal });
      await expect.poll(() => processesWith('sleep 4323').length).toBeGreaterThan(0);
      controller.abort();
      expect(await during).toMatchObject({ status: 'cancelled', exitCode: null });
      expect(processesWith('sleep 4323')).toEqual([]);
      expect(await run('true', { signal: controller.signal })).toMatchObject({ status: 'cancelled' });
    });

    it('sandbox-error and the reason where the command could not be started', async () => {
      expect(await run('true', { readOnlyPaths: ['/nowhere'] })).toMatchObject({
        status: 'sandbox-error',
        exitCode: null,
        fault: 'transient',
        tail: 'sandbox: /nowhere does not exist; it was to be mounted',
      });
      expect(await run('true', { provided: [{ path: 'no-mount-point', host: '/usr', root: '/usr' }] })).toMatchObject({
        status: 'sandbox-error',
        tail: expect.stringContaining('no-mount-point') as string,
      });
    });

    it('a tail without control characters', async () => {
      expect((await run('printf "\\033[31mred\\033[0m\\007\\n" >&2; exit 1')).tail).not.toMatch(/[\u0007\u001b]/);
    });
  });

  it('leaves nothing when its worker is killed by SIGKILL, once the next one has started', async () => {
    const script = `
      import { createSandbox } from ${JSON.stringify(fileURLToPath(new URL('../../../adapters/sandbox/create.ts', import.meta.url)))};
      const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: ${JSON.stringify(makeDirectory())} });
      await sandbox.run(${JSON.stringify(requestOf('setsid sleep 4324 & sleep 4324', tree))});`;
    const worker = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: 'ignore',
    });
    await expect.poll(() => processesWith('sleep 4324').length).toBeGreaterThan(1);
    worker.kill('SIGKILL');
    await expect.poll(() => processesWith('sleep 4324')).toEqual([]);
    await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });
    expect(leftGroups(worker.pid)).toEqual([]);
  });

  describe('keeps within limits', () => {
    const hog = 'node -e "const kept = []; for (;;) kept.push(Buffer.alloc(16 << 20, 1));"';

    it('of memory, by the kernel', async () => {
      const result = await run(hog, { limits: { memoryMiB: 256 } });
      expect(result.status).toBe(sandbox.limitsLayer === 'cgroup' ? 'oom' : 'signal');
    });

    it.runIf(isRoot)('of memory of a whole tree that goes on after the kernel killed some of it', async () => {
      const result = await run(`${hog} || echo survived; exit 0`, { limits: { memoryMiB: 256 } });
      expect(result).toMatchObject({ status: 'oom', exitCode: 0, stdout: 'survived\n' });
      expect(result.oomKills).toBeGreaterThan(0);
      expect(result.peakBytes).toBeGreaterThan(200 * 2 ** 20);
      expect(result.peakBytes).toBeLessThanOrEqual(256 * 2 ** 20);
    });

    it('of processes', async () => {
      const result = await run('n=0; while [ $n -lt 60 ]; do sleep 30 & n=$((n + 1)); done; echo all', {
        limits: { processes: 32 },
      });
      expect(result.stdout).toBe('');
      expect(result.status).toBe(sandbox.limitsLayer === 'cgroup' ? 'pids' : 'failed');
    });

    it('of processes, as many as allowed', async () => {
      expect(
        await run('n=0; while [ $n -lt 31 ]; do sleep 30 & n=$((n + 1)); done; echo all', {
          limits: { processes: 32 },
        }),
      ).toMatchObject({
        status: 'ok',
        stdout: 'all\n',
      });
    });
  });
});
