import { join } from 'node:path';
import { execa } from 'execa';
import { bubblewrapArguments } from './arguments.ts';
import { generatedNames, insideHome } from './etc-files.ts';
import { hiddenShell, initScript } from './init-script.ts';
import { launchCommand, type Host } from './launch.ts';
import { holdCopy, type HeldCopy } from './left-tree.ts';
import { mountProblems, placeSources, profileEnvironment, profileMounts } from './mounts.ts';
import { createStaging } from './staging.ts';
import { diskProblems, writablePlaces } from '../limits/disk.ts';
import { createLimits, type Limits } from '../limits/limits.ts';
import { droppedId, isRoot } from '../run-user.ts';
import { resultOf, sandboxError, withoutRun } from '../supervise/result.ts';
import { supervise } from '../supervise/supervise.ts';
import type { SandboxRequest, SandboxResult } from '../contract.ts';
import { findToolchains, type Toolchains } from '../tools.ts';

/** Called with the first process inside before the command starts: its pid on the host, and if we can see it. */
type OnReady = (first: { pid: number; isSeen: boolean }) => void;

/** Runs a command in bubblewrap. */
export async function runInBubblewrap(host: Host, request: SandboxRequest, onReady?: OnReady): Promise<SandboxResult> {
  const kinds = { limitsLayer: host.cgroup ? 'cgroup' : 'polled', sandbox: 'bubblewrap' } as const;
  if (request.signal?.aborted) return withoutRun({ status: 'cancelled' }, kinds);
  const toolchains = findToolchains(request.tools);
  const { transient, permanent } = await mountProblems(request);
  if (permanent.length > 0) return withoutRun(sandboxError('permanent', permanent), kinds);
  const problems = [...toolchains.problems, ...transient, ...(transient.length > 0 ? [] : diskProblems(request))];
  if (problems.length > 0) return withoutRun(sandboxError('transient', problems), kinds);
  const written = writablePlaces(request).map(({ path }) => path);
  await giveTo(droppedId, written);
  try {
    const result = await runPrepared(host, request, toolchains, onReady);
    const problem = result.status === 'sandbox-error' ? treeProblem(result.tail, request) : null;
    return problem === null ? result : { ...result, ...sandboxError('permanent', [problem]) };
  } finally {
    await giveTo(0, written);
  }
}

/** Finds what is wrong with the tree itself where a run could not start. */
function treeProblem(tail: string, { workspace, limits: { scratchMiB } }: SandboxRequest): string | null {
  // A kernel without namespaces left says "No space left" too, but not by cp.
  if (workspace === 'copy' && /^cp: .*No space left/m.test(tail))
    return `limits.scratchMiB: the tree does not fit into ${scratchMiB} MiB; raise it, or use workspace "readonly"`;
  const [closed] = /^(cp: .*Permission denied|bwrap: Can't chdir to \/repo: .*|.*\bcd: .*\/src.*)$/m.exec(tail) ?? [];
  return closed ? `sandbox: the tree is closed to its runs (${closed}); see that its build leaves it readable` : null;
}

async function runPrepared(
  host: Host,
  request: SandboxRequest,
  toolchains: Toolchains,
  onReady?: OnReady,
): Promise<SandboxResult> {
  const limits = createLimits(host.cgroup, request);
  let copy: HeldCopy | null = null;
  try {
    const [file, ...args] = commandOf(host, request, toolchains, limits);
    const end = await supervise({
      file: file!,
      args,
      stdin: request.stdin,
      watchesStdout: request.watchesStdout,
      environment: environmentOf(request, toolchains.path),
      cwd: '/',
      seccomp: join(host.generated, generatedNames.seccomp),
      limits: request.limits,
      signal: request.signal,
      onReady(status, kill) {
        const pid = Number(/"child-pid": (\d+)/.exec(status)?.[1] ?? 0);
        const isSeen = limits.start(pid, kill);
        if (request.workspace === 'copy') copy = holdCopy(pid, request.tree);
        onReady?.({ pid, isSeen });
        request.profile?.begins?.(pid);
        return pid;
      },
    });
    const usage = limits.end();
    const isComplete = end.started && /"exit-code"/.test(end.status);
    const left = (await (copy as HeldCopy | null)?.list()) ?? null;
    return resultOf(end, { isComplete, left, ...usage, limitsLayer: limits.layer, sandbox: 'bubblewrap' });
  } finally {
    (copy as HeldCopy | null)?.close();
    await limits.close();
  }
}

function commandOf(host: Host, request: SandboxRequest, { show }: Toolchains, { joins, prlimit }: Limits): string[] {
  const { workspace, provided, command } = request;
  const staging = createStaging();
  const sources = placeSources(host.generated, request, show, staging);
  const copyWithout = workspace === 'copy' ? provided.map(({ path }) => path) : null;
  const shell = [hiddenShell, '-c', initScript({ copyWithout, prlimit, shell: hiddenShell }), 'sh', command];
  const inside = [host.bwrap, ...bubblewrapArguments(request, sources), '--', ...shell];
  return launchCommand(host, joins, staging.mounts, inside);
}

/** For what cannot be kept in a read-only home. */
const caches = { XDG_CACHE_HOME: '/tmp/.cache', npm_config_cache: '/tmp/.cache/npm' };

/** Not passed by --setenv: every user of the host can read arguments, and a granted value may be a secret. */
function environmentOf(request: SandboxRequest, path: string[]): Record<string, string> {
  const { environment, network, profile, guard, workspace } = request;
  const trust = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'].flatMap((name) =>
    process.env[name]?.startsWith('/etc/') ? [[name, process.env[name]] as const] : [],
  );
  return {
    ...{ LANG: 'C.UTF-8', TZ: 'UTC', CI: '1', ...caches },
    ...(network ? Object.fromEntries(trust) : {}),
    ...environment,
    ...(profile ? profileEnvironment(profile, profileMounts) : {}),
    ...(guard ? { GUARD: '/guard' } : {}),
    PATH: [...(profile ? [join(profileMounts.tools, 'bin')] : []), ...path].join(':'),
    HOME: workspace === 'writable' ? '/tmp' : insideHome,
    TMPDIR: '/tmp',
  };
}

/** Changes the owner, following no link: one in the tree may lead anywhere. */
async function giveTo(id: number, paths: string[]): Promise<void> {
  if (isRoot && paths.length > 0) await execa('chown', ['-RhP', `${id}:${id}`, '--', ...paths]);
}
