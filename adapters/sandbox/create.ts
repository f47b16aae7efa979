import { execa } from 'execa';
import { writeGeneratedFiles } from './bubblewrap/etc-files.ts';
import { findLeakedDescriptors, type Host } from './bubblewrap/launch.ts';
import { runInBubblewrap } from './bubblewrap/run.ts';
import { bareRequest, type Sandbox } from './contract.ts';
import { probeCgroup } from './limits/cgroup.ts';
import { testSandbox, testTools } from './self-test.ts';
import { findOnPath } from './tools.ts';
import { cannotStart, missingProgram, SandboxUnavailable, unavailable } from './unavailable.ts';
import { runUnsandboxed } from './unsandboxed.ts';

export interface SandboxOptions {
  /** Goes on without a sandbox where none can be made. Only by the person at the keyboard, never by a loop. */
  allowUnsandboxed: boolean;
  /** Directory for generated files (passwd, group, hosts, a node shim), inside the data directory; made if absent. */
  generatedDirectory: string;
  /** Uses cgroups where they can be made; without, a poller watches the limits. Default true. */
  cgroup?: boolean;
}

/**
 * Finds out once what this machine offers and returns the sandbox to run commands in.
 * @throws SandboxUnavailable where no sandbox can be made and none is not allowed
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { allowUnsandboxed, generatedDirectory, cgroup = true } = options;
  await writeGeneratedFiles(generatedDirectory);
  try {
    return bubblewrapSandbox(await probeHost(generatedDirectory, cgroup));
  } catch (error) {
    if (!(error instanceof SandboxUnavailable) || !allowUnsandboxed) throw error;
    return noSandbox(generatedDirectory);
  }
}

function bubblewrapSandbox(host: Host): Sandbox {
  const tests = new Map<string, Promise<string[]>>();
  const selfTest = (tools: string[]) => {
    const key = tools.join(' ');
    const known = tests.get(key);
    if (known) return known;
    const test = testSandbox(host, tools);
    tests.set(key, test);
    // A repaired machine, or one that was only busy, is tested again.
    const forget = () => tests.delete(key);
    test.then((problems) => problems.length > 0 && forget(), forget);
    return test;
  };
  return {
    kind: 'bubblewrap',
    limitsLayer: host.cgroup ? 'cgroup' : 'polled',
    run: (request) => runInBubblewrap(host, request),
    selfTest,
  };
}

function noSandbox(generated: string): Sandbox {
  const host = {
    bash: findOnPath('bash'),
    prlimit: process.platform === 'linux' ? findOnPath('prlimit') : null,
    generated,
  };
  return {
    kind: 'none',
    limitsLayer: host.prlimit ? 'rlimits' : 'none',
    run: (request) => runUnsandboxed(host, request),
    selfTest: (tools) => Promise.resolve(testTools(tools)),
  };
}

async function probeHost(generated: string, cgroup: boolean): Promise<Host> {
  if (process.platform !== 'linux')
    throw unavailable(
      `bubblewrap works on Linux only and this is ${process.platform}`,
      'use a Linux virtual machine or container',
    );
  const host = {
    bwrap: need('bwrap', 'bubblewrap'),
    setpriv: need('setpriv', 'util-linux'),
    unshare: need('unshare', 'util-linux'),
    mount: need('mount', 'util-linux'),
    bash: findOnPath('bash'),
    cgroup: cgroup ? await probeCgroup() : null,
    leaked: findLeakedDescriptors(),
    generated,
  };
  need('prlimit', 'util-linux');
  if (host.leaked.length > 0) need('bash', 'bash');
  const { stdout } = await execa(host.bwrap, ['--version']);
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) === 0 && Number(minor) < 8)
    throw unavailable(`bubblewrap ${major}.${minor} is too old, 0.8 or newer is needed`, 'install a newer one');
  const limits = { seconds: 30, memoryMiB: 256, processes: 16, outputKiB: 64, scratchMiB: 16 };
  const first = await runInBubblewrap(host, { ...bareRequest, command: 'true', tree: generated, limits });
  if (first.status !== 'ok') throw cannotStart(`${first.status} ${first.tail}`.replace(/\s+/g, ' ').trim());
  return host;
}

function need(program: string, packageName: string): string {
  const found = findOnPath(program);
  if (found === null) throw missingProgram(program, packageName);
  return found;
}
