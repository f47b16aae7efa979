import { execa } from 'execa';
import { bubblewrapArguments } from './arguments.ts';
import { createCgroup } from '../limits/cgroup.ts';
import { insideHome } from './etc-files.ts';
import { diskProblems, writtenPlaces } from '../limits/disk.ts';
import { copyCommand, initScript, largestFileMiB, processLimits } from './init-script.ts';
import { mountProblems, placeSources } from './mounts.ts';
import { outerCommand, type Host } from './launch.ts';
import { startPoller, type Poller } from '../limits/poller.ts';
import { createStaging, droppedId, isRoot } from '../reachable.ts';
import { resultOf, withoutRun } from '../supervise/result.ts';
import type { SandboxRequest, SandboxResult } from '../contract.ts';
import { supervise, type Supervised } from '../supervise/supervise.ts';
import { findToolchains, type Toolchains } from '../tools.ts';
import { exitGuardEnvironment } from '../exit-guard/environment.ts';

/** bubblewrap, the first process inside and `sh -c`. */
const shellsAround = 3;

/** The first process inside, before it starts the command: its pid on the host, and whether what it and its children do can be seen from here. */
type OnReady = (first: { pid: number; seen: boolean }) => void;

/** Runs a command in bubblewrap. */
export async function runInBubblewrap(host: Host, request: SandboxRequest, onReady?: OnReady): Promise<SandboxResult> {
  const kinds = { limitsLayer: host.cgroup ? 'cgroup' : 'polled', sandbox: 'bubblewrap' } as const;
  if (request.signal?.aborted) return withoutRun({ status: 'cancelled' }, kinds);
  const toolchains = findToolchains(request.tools);
  const { transient, permanent } = await mountProblems(request);
  if (permanent.length > 0)
    return withoutRun({ status: 'sandbox-error', fault: 'permanent', tail: permanent.join('\n') }, kinds);
  const problems = [
    ...toolchains.problems,
    ...transient,
    ...(transient.length > 0 ? [] : diskProblems(writtenPlaces(request))),
  ];
  if (problems.length > 0)
    return withoutRun({ status: 'sandbox-error', fault: 'transient', tail: problems.join('\n') }, kinds);
  const written = writtenPlaces(request).map((place) => place.path);
  await giveTo(droppedId, written);
  try {
    const result = await runPrepared(host, request, toolchains, onReady);
    // Of cp only: a kernel that has no more namespaces says the same.
    const tooLarge =
      result.status === 'sandbox-error' && request.workspace === 'copy' && /^cp: .*No space left/m.test(result.tail);
    return tooLarge
      ? {
          ...result,
          fault: 'permanent',
          tail: `limits.scratchMiB: the tree does not fit into ${request.limits.scratchMiB} MiB; raise it, or use workspace "readonly"`,
        }
      : result;
  } finally {
    await giveTo(0, written);
  }
}

async function runPrepared(
  host: Host,
  request: SandboxRequest,
  { show, path }: Toolchains,
  onReady?: OnReady,
): Promise<SandboxResult> {
  const { limits, workspace, provided, signal } = request;
  const group = host.cgroup
    ? createCgroup(host.cgroup, { memoryBytes: limits.memoryMiB * 2 ** 20, processes: limits.processes + shellsAround })
    : null;
  let poller: Poller | undefined;
  try {
    const staging = createStaging();
    const sources = placeSources(host.generated, request, staging);
    const fileMiB = writtenPlaces(request).length > 0 ? largestFileMiB(request) : null;
    const init = initScript({
      copy: workspace === 'copy' ? copyCommand(provided) : null,
      limits: processLimits(limits, group ? 'cgroup' : 'poller', fileMiB),
      watch: false,
    });
    const inside = [
      host.bwrap,
      ...bubblewrapArguments(request, show, sources),
      '--',
      '/bin/sh',
      '-c',
      init,
      'sh',
      request.command,
    ];
    const [file, ...args] = outerCommand(host, group, staging, inside);
    let setUpMs = 0;
    let endMs: number | undefined;
    const onDone = () => void (endMs = group?.cpuMs());
    const onStart: Supervised['onReady'] = (status, kill) => {
      const pid = pidInside(status);
      poller = startPoller({ pid, request, table: !group, onExcess: kill });
      onReady?.({ pid, seen: poller.sees });
      setUpMs = group?.cpuMs() ?? 0;
    };
    const end = await supervise({
      file: file!,
      args,
      environment: environmentOf(request, path),
      cwd: '/',
      killGroup: false,
      limits,
      signal,
      onReady: onStart,
      onDone,
    });
    return resultOf(end, {
      complete: end.started && /"exit-code"/.test(end.status),
      counted: group && { ...group.counters(), cpuMs: (endMs ?? group.cpuMs()) - setUpMs },
      seenCpuMs: poller?.cpuMs() ?? 0,
      limitsLayer: group ? 'cgroup' : 'polled',
      sandbox: 'bubblewrap',
    });
  } finally {
    poller?.stop();
    await group?.remove();
  }
}

/** For what cannot be kept in a read-only home. */
const caches = { XDG_CACHE_HOME: '/tmp/.cache', npm_config_cache: '/tmp/.cache/npm' };

/** Not by --setenv: arguments can be read by every user of the host, and a value let through may be a secret. */
function environmentOf(
  { environment, network, profile, guard, watched, workspace }: SandboxRequest,
  path: string[],
): Record<string, string> {
  const trust = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'].flatMap((name) =>
    process.env[name]?.startsWith('/etc/') ? [[name, process.env[name]] as const] : [],
  );
  return {
    ...{ LANG: 'C.UTF-8', TZ: 'UTC', CI: '1', ...caches },
    ...(network ? Object.fromEntries(trust) : {}),
    ...environment,
    ...exitGuardEnvironment({ watched, root: '/repo', place: '/exit-guard', environment }),
    ...(guard ? { GUARD: '/guard' } : {}),
    ...{
      PATH: [...(profile ? ['/node-shim'] : []), ...path].join(':'),
      HOME: workspace === 'writable' ? '/tmp' : insideHome,
      TMPDIR: '/tmp',
    },
  };
}

/** Nothing is followed: a link in the tree may lead anywhere. */
async function giveTo(id: number, paths: string[]): Promise<void> {
  if (isRoot && paths.length > 0) await execa('chown', ['-RhP', `${id}:${id}`, '--', ...paths]);
}

function pidInside(status: string): number {
  return Number(/"child-pid": (\d+)/.exec(status)?.[1] ?? 0);
}
