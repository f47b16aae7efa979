import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profilers, writeTools } from '../../../adapters/profilers/list.ts';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import { makeMountPoint } from '../../../adapters/sandbox/bubblewrap/mounts.ts';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Sandbox } from '../../../adapters/sandbox/contract.ts';
import { makeDirectory, makeTree, processesWith, profileIn, requestOf } from './request.ts';

const path = process.env.PATH;

/** As on a machine without bubblewrap: what else is needed is linked into the only directory of PATH. */
beforeAll(() => {
  const bin = makeDirectory();
  for (const tool of [
    'bash',
    'prlimit',
    'node',
    'setsid',
    'sleep',
    'yes',
    'env',
    'sort',
    'cat',
    'touch',
    'setpriv',
    'unshare',
    'mount',
  ])
    symlinkSync(findOnPath(tool)!, join(bin, tool));
  process.env.PATH = bin;
});
afterAll(() => {
  process.env.PATH = path;
});

describe('without bubblewrap', () => {
  it('no sandbox is an error that names the fact and the remedy', async () => {
    await expect(createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() })).rejects.toMatchObject(
      {
        name: 'SandboxUnavailable',
        message: expect.stringMatching(
          /^sandbox: bwrap is not on this machine's PATH; install it \(.*bubblewrap.*\), or allow runs without a sandbox with --allow-unsandboxed/,
        ) as string,
      },
    );
  });

  describe('and with leave to do without', () => {
    let sandbox: Sandbox;
    const tree = makeTree();
    const run = (command: string, changes: Parameters<typeof requestOf>[2] = {}) =>
      sandbox.run(requestOf(command, tree, changes));
    beforeAll(async () => {
      sandbox = await createSandbox({ allowUnsandboxed: true, generatedDirectory: makeDirectory() });
    });

    it('every result says so', async () => {
      expect(sandbox).toMatchObject({ kind: 'none', limitsLayer: 'rlimits' });
      expect(await run('cat a.txt; exit 3')).toMatchObject({
        status: 'failed',
        exitCode: 3,
        stdout: 'content of a\n',
        sandbox: 'none',
        limitsLayer: 'rlimits',
        cpuSource: 'rusage',
      });
      expect(await sandbox.selfTest(['node', 'no-such-tool'])).toEqual([
        'tools: no-such-tool: command not found on this machine; install it, or correct the name',
      ]);
    });

    it('the environment is clean', async () => {
      process.env.SECRET_TOKEN = 'hidden';
      const { stdout } = await run('env', { environment: { SHOWN: 'yes' } });
      delete process.env.SECRET_TOKEN;
      expect(stdout).toContain('SHOWN=yes\n');
      expect(stdout).not.toMatch(/SECRET_TOKEN|NODE_OPTIONS|npm_/);
    });

    it('time, output, memory and cancelling are watched over, and the group of processes ended', async () => {
      expect(await run('trap "" TERM; sleep 4331 & sleep 4331', { limits: { seconds: 0.5 } })).toMatchObject({
        status: 'timeout',
      });
      expect(await run('yes', { limits: { outputKiB: 16 } })).toMatchObject({ status: 'output', truncated: true });
      expect(await run('sleep 4332 & exit 0')).toMatchObject({ status: 'ok' });
      expect(
        (
          await run('node -e "const kept = []; for (;;) kept.push(Buffer.alloc(16 << 20, 1));"', {
            limits: { memoryMiB: 256 },
          })
        ).status,
      ).not.toBe('ok');
      const controller = new AbortController();
      const during = run('sleep 4333', { signal: controller.signal });
      await expect.poll(() => checkedProcesses('sleep 4333').length).toBeGreaterThan(0);
      controller.abort();
      expect(await during).toMatchObject({ status: 'cancelled' });
      await expect.poll(() => checkedProcesses('sleep 433')).toEqual([]);
    });

    it('a daemon that left the group and holds the pipe does not hold the run for ever', async () => {
      const result = await run('setsid sleep 30 & echo done');
      expect(result).toMatchObject({ status: 'ok', stdout: 'done\n' });
      expect(result.wallMs).toBeLessThan(25_000);
    });

    it('nothing in the group of a run outlives a worker that is killed by SIGKILL', async () => {
      const script = `
        import { createSandbox } from ${JSON.stringify(fileURLToPath(new URL('../../../adapters/sandbox/create.ts', import.meta.url)))};
        const sandbox = await createSandbox({ allowUnsandboxed: true, generatedDirectory: ${JSON.stringify(makeDirectory())} });
        await sandbox.run(${JSON.stringify(requestOf('trap "" TERM HUP; sleep 4351 & sleep 4351', tree))});`;
      const worker = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        stdio: 'ignore',
      });
      await expect
        .poll(() => checkedProcesses('sleep 4351').filter((line) => /^ *\d+ sleep 4351$/.test(line)).length, {
          timeout: 30_000,
        })
        .toBe(2);
      worker.kill('SIGKILL');
      await expect.poll(() => checkedProcesses('sleep 4351')).toEqual([]);
    });

    it('a provided file is linked, and what leads out is refused', async () => {
      const [own, root] = [makeTree({ 'a.txt': 'a' }), makeTree({ 'config.json': '{}' })];
      symlinkSync('/etc', join(root, 'deps'));
      const provided = [{ path: 'sub/config.json', host: join(root, 'config.json'), root }];
      for (const workspace of ['readonly', 'copy', 'writable'] as const) {
        if (workspace === 'readonly')
          expect(await makeMountPoint(own, provided[0]!.path, provided[0]!.host)).toBeNull();
        expect(await sandbox.run(requestOf('cat sub/config.json', own, { workspace, provided }))).toMatchObject({
          status: 'ok',
          stdout: '{}',
        });
        expect(readFileSync(join(own, 'sub/config.json'), 'utf8')).toBe('');
      }
      expect(
        await sandbox.run(
          requestOf('ls deps', own, {
            workspace: 'copy',
            provided: [{ path: 'deps', host: join(root, 'deps'), root }],
          }),
        ),
      ).toMatchObject({
        ...{ status: 'sandbox-error', fault: 'permanent', stdout: '' },
        tail: 'provided: "deps" leads out of what setup made by a link; correct "setup" or "provided"',
      });
      symlinkSync(root, join(own, 'out'));
      expect(
        await sandbox.run(
          requestOf('true', own, { workspace: 'writable', provided: [{ ...provided[0]!, path: 'out/deps' }] }),
        ),
      ).toMatchObject({
        ...{ status: 'sandbox-error', fault: 'permanent' },
        tail: 'provided: "out/deps" leads out of the tree by a link; correct "provided"',
      });
    });

    it('each file is bounded', async () => {
      const limits = { scratchMiB: 2 };
      expect(
        await run('node -e "fs.writeFileSync(process.env.HOME + \'/x\', Buffer.alloc(2 << 20))"', { limits }),
      ).toMatchObject({ status: 'ok' });
      expect(
        (await run('node -e "fs.writeFileSync(process.env.HOME + \'/x\', Buffer.alloc(3 << 20))"', { limits })).status,
      ).not.toBe('ok');
    });

    it('only a writable tree is written, and what is provided is linked', async () => {
      const modules = makeTree({ 'dep/index.js': 'module.exports = "dep";\n' });
      const own = makeTree();
      mkdirSync(join(own, 'node_modules'));
      const provided = [{ path: 'node_modules', host: modules, root: modules }];
      const command = 'touch made && node -p "require(\'dep\')"';
      for (const workspace of ['readonly', 'copy'] as const) {
        expect(await sandbox.run(requestOf(command, own, { workspace, provided }))).toMatchObject({
          status: 'ok',
          stdout: 'dep\n',
        });
        expect(existsSync(join(own, 'made'))).toBe(false);
      }
      expect(await sandbox.run(requestOf(command, own, { workspace: 'writable', provided }))).toMatchObject({
        status: 'ok',
        stdout: 'dep\n',
      });
      expect(readdirSync(own).sort()).toEqual(['a.txt', 'made', 'node_modules']);
      expect(readdirSync(join(own, 'node_modules'))).toEqual([]);
      expect(readFileSync(join(modules, 'dep/index.js'), 'utf8')).toContain('dep');
    });

    it('node is profiled', async () => {
      const [profile, tools] = [makeDirectory(), makeDirectory()];
      await writeTools(profilers.auto[0]!, tools);
      expect(await run('node -e 0', { profile: profileIn(profile, tools) })).toMatchObject({ status: 'ok' });
      expect(readdirSync(profile)).toEqual([expect.stringMatching(/\.cpuprofile$/)]);
    });
  });
});

function checkedProcesses(text: string): string[] {
  const own = process.env.PATH;
  process.env.PATH = path;
  try {
    return processesWith(text);
  } finally {
    process.env.PATH = own;
  }
}
