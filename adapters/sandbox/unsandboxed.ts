import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { initScript } from './bubblewrap/init-script.ts';
import { measuringCpuTime, type Host } from './bubblewrap/launch.ts';
import { makeMountPoint, mountProblems, profileEnvironment, staysInside } from './bubblewrap/mounts.ts';
import { prlimitArguments } from './limits/prlimit.ts';
import { resultOf, sandboxError, withoutRun } from './supervise/result.ts';
import { supervise } from './supervise/supervise.ts';
import type { SandboxRequest, SandboxResult } from './contract.ts';

type BareHost = Pick<Host, 'bash'> & { prlimit: string | null };

/** Runs a command with limits per process, a clean environment and a deadline only. Copies a `readonly` tree too. */
export async function runUnsandboxed(host: BareHost, request: SandboxRequest): Promise<SandboxResult> {
  const kinds = { limitsLayer: host.prlimit ? 'rlimits' : 'none', sandbox: 'none' } as const;
  const { signal, workspace, provided, tree } = request;
  if (signal?.aborted) return withoutRun({ status: 'cancelled' }, kinds);
  const { transient, permanent } = await mountProblems(request);
  if (permanent.length + transient.length > 0) {
    const fault = permanent.length > 0 ? 'permanent' : 'transient';
    return withoutRun(sandboxError(fault, [...permanent, ...transient]), kinds);
  }
  const scratch = await mkdtemp(join(tmpdir(), 'karpathy-loop-run-'));
  const cwd = workspace === 'writable' ? tree : join(scratch, 'repo');
  try {
    await mkdir(join(scratch, 'home'));
    if (workspace !== 'writable') await copyTree(tree, cwd, provided);
    for (const entry of provided) {
      const problem = await link(cwd, entry);
      if (problem) return withoutRun(sandboxError('permanent', [problem]), kinds);
    }
    const command = commandOf(host, request, join(scratch, 'home'));
    const end = await supervise({ ...command, cwd, killGroup: true, limits: request.limits, signal });
    return resultOf(end, { isComplete: end.started, left: null, counted: null, seenCpuMs: 0, ...kinds });
  } finally {
    if (workspace === 'writable') for (const entry of provided) await unlink(cwd, entry);
    await rm(scratch, { recursive: true, force: true });
  }
}

function commandOf(host: BareHost, request: SandboxRequest, home: string) {
  const { bash, prlimit } = host;
  const { profile, environment, command, guard } = request;
  const limits = prlimit ? prlimitArguments(request, 'rlimits') : null;
  const init = initScript({ copyWithout: null, prlimit: limits, shell: '/bin/sh', killWithLoop: true });
  const [file, ...args] = [...(bash ? measuringCpuTime(bash) : []), '/bin/sh', '-c', init, 'sh', command];
  return {
    file,
    args,
    stdin: request.stdin,
    environment: {
      ...{ LANG: 'C.UTF-8', TZ: 'UTC', CI: '1', ...environment },
      ...(profile ? profileEnvironment(profile, { profile: profile.directory, tools: profile.tools }) : {}),
      PATH: [...(profile ? [join(profile.tools, 'bin')] : []), process.env.PATH ?? '/usr/bin:/bin'].join(':'),
      HOME: home,
      TMPDIR: home,
      ...(guard ? { GUARD: guard } : {}),
    },
  };
}

async function copyTree(tree: string, target: string, provided: { path: string }[]): Promise<void> {
  const mounted = new Set(provided.map(({ path }) => join('.', path)));
  const filter = (source: string) => !mounted.has(relative(tree, source));
  await cp(tree, target, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter });
}

/** Makes a link in place of a mount. What it replaces is hidden in every run, so it is not kept. */
async function link(cwd: string, { path, host }: SandboxRequest['provided'][number]): Promise<string | null> {
  const problem = await makeMountPoint(cwd, path, host);
  if (problem) return problem;
  await rm(join(cwd, path), { recursive: true, force: true });
  await symlink(await realpath(host), join(cwd, path));
  return null;
}

/** Leaves a path alone where the command put a link in the way, which may lead anywhere. */
async function unlink(cwd: string, { path, host }: SandboxRequest['provided'][number]): Promise<void> {
  if (!(await staysInside(cwd, dirname(path)))) return;
  await rm(join(cwd, path), { recursive: true, force: true });
  await makeMountPoint(cwd, path, host);
}
