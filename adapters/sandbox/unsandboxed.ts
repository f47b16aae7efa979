import { cp, mkdir, mkdtemp, rm, rmdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { initScript, processLimits } from './init.ts';
import { timed } from './outer.ts';
import { resultOf, withoutRun } from './result.ts';
import type { SandboxRequest, SandboxResult } from './run.ts';
import { supervise } from './supervise.ts';

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
  if (signal?.aborted) return withoutRun('cancelled', '', kinds);
  const scratch = await mkdtemp(join(tmpdir(), 'karpathy-loop-run-'));
  const cwd = workspace === 'writable' ? tree : join(scratch, 'repo');
  try {
    await mkdir(join(scratch, 'home'));
    if (workspace !== 'writable') await copyTree(tree, cwd, provided);
    for (const { path, host: source } of provided) await link(join(cwd, path), source);
    const end = await supervise({ ...commandOf(host, request, join(scratch, 'home')), cwd, killGroup: true, limits: request.limits, signal });
    return resultOf(end, { complete: end.started, counted: null, ...kinds });
  } finally {
    if (workspace === 'writable') for (const { path } of provided) await unlink(join(cwd, path));
    await rm(scratch, { recursive: true, force: true });
  }
}

function commandOf({ bash, prlimit, generated }: BareHost, { limits, profile, environment, command }: SandboxRequest, home: string) {
  // Without a user namespace a limit of processes would count all that the user runs.
  const init = initScript({ copy: null, limits: prlimit ? processLimits(limits, { data: true, processes: false }) : null });
  const [file, ...args] = [...(bash ? timed(bash) : []), '/bin/sh', '-c', init, 'sh', command];
  const path = [...(profile ? [join(generated, 'node-shim')] : []), process.env.PATH ?? '/usr/bin:/bin'].join(':');
  const own = { PATH: path, HOME: home, TMPDIR: home, ...(profile ? { KARPATHY_LOOP_PROFILE: profile } : {}) };
  return { file: file, args, environment: { LANG: 'C.UTF-8', TZ: 'UTC', CI: '1', ...environment, ...own } };
}

async function copyTree(tree: string, target: string, provided: { path: string }[]): Promise<void> {
  const mounted = new Set(provided.map(({ path }) => join('.', path)));
  await cp(tree, target, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter: (source) => !mounted.has(relative(tree, source)) });
}

/** A link in the place of a mount; an empty directory is there where the tree was made ready for one. */
async function link(path: string, host: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rmdir(path).catch(() => undefined);
  await symlink(host, path);
}

async function unlink(path: string): Promise<void> {
  await rm(path, { force: true });
  await mkdir(path, { recursive: true });
}
