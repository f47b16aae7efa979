import { execa } from 'execa';
import { writeGeneratedFiles } from './bubblewrap/etc-files.ts';
import { findLeakedDescriptors, type Host } from './bubblewrap/launch.ts';
import { runInBubblewrap } from './bubblewrap/run.ts';
import { bareRequest, type Sandbox } from './contract.ts';
import { probeCgroup } from './limits/cgroup.ts';
import { seccompProgram } from './seccomp/program.ts';
import { testSandbox } from './self-test.ts';
import { findOnPath, missing } from './tools.ts';
import { cannotStart, missingProgram, SandboxUnavailable, unavailable } from './unavailable.ts';
import { runUnsandboxed } from './unsandboxed.ts';

export interface SandboxOptions {
  /** Goes on without a sandbox where none can be made. Only by the person at the keyboard, never by a loop. */
  allowUnsandboxed: boolean;
  /** Directory for generated files (passwd, group, hosts), inside the data directory; made if absent. */
  generatedDirectory: string;
  /** Uses cgroups where they can be made; without, a poller watches the limits. Default true. */
  cgroup?: boolean;
}

/**
 * Finds out once what this machine offers and returns the sandbox to run commands in.
 * @throws SandboxUnavailable where no sandbox can be made and none is not allowed
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  await writeGeneratedFiles(options.generatedDirectory);
  try {
    return bubblewrapSandbox(await probeHost(options));
  } catch (error) {
    if (!(error instanceof SandboxUnavailable) || !options.allowUnsandboxed) throw error;
    return noSandbox();
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
    // Tests a repaired machine, or one that was only busy, again.
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

function noSandbox(): Sandbox {
  const bash = findOnPath('bash');
  const prlimit = process.platform === 'linux' ? findOnPath('prlimit') : null;
  return {
    kind: 'none',
    limitsLayer: prlimit ? 'rlimits' : 'none',
    run: (request) => runUnsandboxed({ bash, prlimit }, request),
    selfTest: (tools) => Promise.resolve(tools.filter((tool) => findOnPath(tool) === null).map(missing)),
  };
}

async function probeHost({ generatedDirectory: generated, cgroup = true }: SandboxOptions): Promise<Host> {
  const otherSystem = `bubblewrap works on Linux only and this is ${process.platform}`;
  if (process.platform !== 'linux') throw unavailable(otherSystem, 'use a Linux virtual machine or container');
  if (seccompProgram(process.arch) === null)
    throw unavailable(`no filter of system calls is known for this CPU, ${process.arch}`, 'use x86_64 or arm64');
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
