import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCommandTools } from '../../../adapters/sandbox/command-tools.ts';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import { findToolchains } from '../../../adapters/sandbox/tools.ts';
import { hasBubblewrap, isRoot, makeDirectory, requestOf, makeTree, withBubblewrap } from './request.ts';

const path = process.env.PATH!;
let prefix: string;

/** An installation outside the system directories, first on PATH: bin/tool is a link into lib/. */
beforeEach(() => {
  prefix = realpathSync(makeDirectory());
  for (const name of ['bin', 'lib']) mkdirSync(join(prefix, name), { mode: 0o755 });
  writeFileSync(join(prefix, 'lib', 'tool.sh'), '#!/bin/sh\necho "tool $1"\n', { mode: 0o755 });
  symlinkSync('../lib/tool.sh', join(prefix, 'bin', 'own-tool'));
  process.env.PATH = `${join(prefix, 'bin')}${delimiter}${path}`;
});
afterEach(() => {
  process.env.PATH = path;
});

describe('findToolchains', () => {
  it('shows the installation of a tool outside the system directories, and nothing for one inside', () => {
    expect(findToolchains(['own-tool', 'ls'])).toEqual({
      show: [prefix],
      path: [join(prefix, 'bin'), '/usr/local/bin', '/usr/bin', '/bin'],
      problems: [],
    });
    expect(findToolchains(['ls']).show).toEqual([]);
  });

  it('never shows a home directory for a tool in its bin', () => {
    const [home, own] = [process.env.HOME, makeDirectory()];
    process.env.HOME = own;
    mkdirSync(join(own, 'bin'));
    writeFileSync(join(own, 'bin', 'home-tool'), '#!/bin/sh\n', { mode: 0o755 });
    process.env.PATH = join(own, 'bin');
    const { show } = findToolchains(['home-tool']);
    process.env.HOME = home;
    expect(show).toEqual([join(own, 'bin')]);
  });

  it('names a tool that is nowhere', () => {
    expect(findToolchains(['no-such-tool']).problems).toEqual([
      'tools: no-such-tool: command not found on this machine; install it, or correct the name',
    ]);
  });

  it.runIf(isRoot)('names a tool that the sandbox user cannot reach, with its place and a remedy', () => {
    chmodSync(prefix, 0o700);
    expect(findToolchains(['own-tool']).problems).toEqual([
      `tools: own-tool is at ${prefix}/bin/own-tool, which the sandbox user cannot reach; let runs see ${prefix} read-only with --tool ${prefix}/bin/own-tool, or install it for all users (for example below /usr/local)`,
    ]);
    // To name the path is to allow it.
    expect(findToolchains([`${prefix}/bin/own-tool`])).toMatchObject({ show: [prefix], problems: [] });
  });
});

describe('checkCommandTools', () => {
  it.each([
    ['ls | grep x && cat y || true; sort <z', []],
    ['FOO=1 BAR="a b" ls', []],
    ['cd sub && if test -f x; then ls; fi', []],
    ['node -e "no-such-a && no-such-b" && echo \'x; no-such-c\' # no-such-d; no-such-e', []],
    ['./script.sh && $TOOL && /usr/bin/env no-such-f', []],
    ['ls && no-such-g --flag', ['no-such-g']],
    ['(time no-such-h); ! no-such-i | X=1 no-such-j\nno-such-k', ['no-such-h', 'no-such-i', 'no-such-j', 'no-such-k']],
    ['x=$(no-such-m a) && [ $((1+2)) -gt 2 ]', ['no-such-m']],
    ['case x in no-such-n) true ;; esac', []],
    ['f() { no-such-l; }; f', []],
  ])('finds in %j the missing %j', (command, absent) => {
    expect(checkCommandTools(command, [])).toEqual(
      absent.map((word) => `tools: ${word}: command not found on this machine; install it, or correct the name`),
    );
  });

  it('names a tool that the worker has and the sandbox would not show', () => {
    expect(checkCommandTools('own-tool x', ['own-tool'])).toEqual([]);
    expect(checkCommandTools('own-tool x', [])).toEqual([
      `tools: own-tool is at ${prefix}/bin/own-tool, which the sandbox does not show; show it with --tool own-tool, or add "own-tool" to "tools" in the worker's settings`,
    ]);
    expect(checkCommandTools('own-tool x', [], 'none')).toEqual([]);
  });

  it.runIf(isRoot)('names a tool below a closed directory, but not one that the system has too', () => {
    writeFileSync(join(prefix, 'bin', 'ls'), '#!/bin/sh\n', { mode: 0o755 });
    chmodSync(prefix, 0o700);
    expect(checkCommandTools('ls && own-tool', [])).toEqual([
      expect.stringContaining(
        `own-tool is at ${prefix}/bin/own-tool, which the sandbox user cannot reach; let runs see ${prefix} read-only with --tool ${prefix}/bin/own-tool`,
      ),
    ]);
  });
});

describe.skipIf(!hasBubblewrap)(withBubblewrap('a tool in the sandbox'), () => {
  it('runs from its own installation, which the self-test checks', async () => {
    const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });
    expect(
      await sandbox.run(
        requestOf('own-tool works; touch "$(dirname "$(command -v own-tool)")/x" || echo refused', makeTree(), {
          tools: ['own-tool'],
        }),
      ),
    ).toMatchObject({ status: 'ok', stdout: 'tool works\nrefused\n' });
    expect(await sandbox.selfTest(['own-tool', 'node'])).toEqual([]);
    expect(await sandbox.selfTest(['no-such-tool'])).toEqual([
      'tools: no-such-tool: command not found on this machine; install it, or correct the name',
    ]);
  });

  it('that is installed after a self-test failed is found by the next one', async () => {
    const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });
    expect(await sandbox.selfTest(['late-tool', 'own-tool'])).toEqual([
      expect.stringContaining('late-tool: command not found'),
    ]);
    symlinkSync('../lib/tool.sh', join(prefix, 'bin', 'late-tool'));
    expect(await sandbox.selfTest(['late-tool', 'own-tool'])).toEqual([]);
  });

  it('that cannot be had stops the run before it starts', async () => {
    const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });
    expect(await sandbox.run(requestOf('true', makeTree(), { tools: ['no-such-tool'] }))).toMatchObject({
      status: 'sandbox-error',
      tail: expect.stringContaining('no-such-tool: command not found') as string,
    });
  });
});
