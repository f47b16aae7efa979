import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { initScript, largestFileMiB, processLimits } from './bubblewrap/init-script.ts';
import { makeMountPoint, mountProblems, staysInside } from './bubblewrap/mounts.ts';
import { timed } from './bubblewrap/launch.ts';
import { resultOf, withoutRun } from './supervise/result.ts';
import type { SandboxRequest, SandboxResult } from './contract.ts';
import { supervise } from './supervise/supervise.ts';
import { exitGuardEnvironment } from './exit-guard/environment.ts';

/** What an unsandboxed run can use of the host. */
export interface BareHost {
  bash: string | null;
  prlimit: string | null;
  generated: string;
}

/**
 * Runs a command with nothing between it and the machine but limits per process, a clean environment and a deadline.
 * A tree that is not to be written is a copy too, for want of a read-only mount; network, devices and other paths are as the host has them.
 */
export async function runUnsandboxed(host: BareHost, request: SandboxRequest): Promise<SandboxResult> {
  const kinds = { limitsLayer: host.prlimit ? 'rlimits' : 'none', sandbox: 'none' } as const;
  const { signal, workspace, provided, tree } = request;
  if (signal?.aborted) return withoutRun({ status: 'cancelled' }, kinds);
  const { transient, permanent } = await mountProblems(request);
  const problems = [...permanent, ...transient];
  if (problems.length > 0)
    return withoutRun(
      { status: 'sandbox-error', fault: permanent.length > 0 ? 'permanent' : 'transient', tail: problems.join('\n') },
      kinds,
    );
  const scratch = await mkdtemp(join(tmpdir(), 'karpathy-loop-run-'));
  const cwd = workspace === 'writable' ? tree : join(scratch, 'repo');
  try {
    await mkdir(join(scratch, 'home'));
    if (workspace !== 'writable') await copyTree(tree, cwd, provided);
    for (const { path, host: source } of provided) {
      const problem = await link(cwd, path, source);
      if (problem) return withoutRun({ status: 'sandbox-error', fault: 'permanent', tail: problem }, kinds);
    }
    const end = await supervise({
      ...(await commandOf(host, request, { home: join(scratch, 'home'), cwd })),
      cwd,
      killGroup: true,
      limits: request.limits,
      signal,
    });
    return resultOf(end, { complete: end.started, counted: null, seenCpuMs: 0, ...kinds });
  } finally {
    if (workspace === 'writable') for (const { path, host: source } of provided) await unlink(cwd, path, source);
    await rm(scratch, { recursive: true, force: true });
  }
}

async function commandOf(
  { bash, prlimit, generated }: BareHost,
  request: SandboxRequest,
  { home, cwd }: { home: string; cwd: string },
) {
  const { limits, profile, environment, command, guard, watched } = request;
  const init = initScript({
    copy: null,
    limits: prlimit ? processLimits(limits, 'process', largestFileMiB(request)) : null,
    watch: true,
  });
  const [file, ...args] = [...(bash ? timed(bash) : []), '/bin/sh', '-c', init, 'sh', command];
  const path = [...(profile ? [join(generated, 'node-shim')] : []), process.env.PATH ?? '/usr/bin:/bin'].join(':');
  const own = {
    PATH: path,
    HOME: home,
    TMPDIR: home,
    ...(profile ? { KARPATHY_LOOP_PROFILE: profile } : {}),
    ...(guard ? { GUARD: guard } : {}),
  };
  const exitGuard = exitGuardEnvironment({
    watched,
    root: await realpath(cwd),
    place: join(generated, 'exit-guard'),
    environment,
  });
  return {
    file: file,
    args,
    environment: { LANG: 'C.UTF-8', TZ: 'UTC', CI: '1', ...environment, ...exitGuard, ...own },
  };
}

async function copyTree(tree: string, target: string, provided: { path: string }[]): Promise<void> {
  const mounted = new Set(provided.map(({ path }) => join('.', path)));
  await cp(tree, target, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    filter: (source) => !mounted.has(relative(tree, source)),
  });
}

/** A link in the place of a mount. What it hides in the tree is hidden in every run, and need not be kept. */
async function link(cwd: string, path: string, host: string): Promise<string | null> {
  const problem = await makeMountPoint(cwd, path, host);
  if (problem) return problem;
  await rm(join(cwd, path), { recursive: true, force: true });
  await symlink(await realpath(host), join(cwd, path));
  return null;
}

/** Not where the command put a link in the way, which may lead anywhere. */
async function unlink(cwd: string, path: string, host: string): Promise<void> {
  if (!(await staysInside(cwd, dirname(path)))) return;
  await rm(join(cwd, path), { recursive: true, force: true });
  await makeMountPoint(cwd, path, host);
}
