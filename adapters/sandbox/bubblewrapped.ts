import { execa } from 'execa';
import { bubblewrapArguments } from './bubblewrap.ts';
import { createCgroup } from './cgroup.ts';
import { copyCommand, initScript, largestFileMiB, processLimits } from './init.ts';
import { mountProblems, placeSources } from './mounts.ts';
import { outerCommand, type Host } from './outer.ts';
import { createStaging, droppedId, isRoot } from './reachable.ts';
import { resultOf, withoutRun } from './result.ts';
import type { SandboxRequest, SandboxResult } from './run.ts';
import { supervise } from './supervise.ts';
import { findToolchains, type Toolchains } from './tools.ts';

/** bubblewrap, the first process inside and `sh -c`. */
const shellsAround = 3;

/** Runs a command in bubblewrap. `onReady` gets the pid of the first process inside, before the command starts. */
export async function runInBubblewrap(host: Host, request: SandboxRequest, onReady?: (pid: number) => void): Promise<SandboxResult> {
  const kinds = { limitsLayer: host.cgroup ? 'cgroup' : 'rlimits', sandbox: 'bubblewrap' } as const;
  if (request.signal?.aborted) return withoutRun({ status: 'cancelled' }, kinds);
  const toolchains = findToolchains(request.tools);
  const { passing, lasting } = await mountProblems(request);
  if (lasting.length > 0) return withoutRun({ status: 'sandbox-error', fault: 'lasting', tail: lasting.join('\n') }, kinds);
  const problems = [...toolchains.problems, ...passing];
  if (problems.length > 0) return withoutRun({ status: 'sandbox-error', fault: 'passing', tail: problems.join('\n') }, kinds);
  const written = [...(request.workspace === 'writable' ? [request.tree] : []), ...(request.profile ? [request.profile] : [])];
  await giveTo(droppedId, written);
  try {
    const result = await runPrepared(host, request, toolchains, onReady);
    // Of cp only: a kernel that has no more namespaces says the same.
    const tooLarge = result.status === 'sandbox-error' && request.workspace === 'copy' && /^cp: .*No space left/m.test(result.tail);
    return tooLarge
      ? {
          ...result,
          fault: 'lasting',
          tail: `limits.scratchMiB: the tree does not fit into ${request.limits.scratchMiB} MiB; raise it, or use workspace "readonly"`,
        }
      : result;
  } finally {
    await giveTo(0, written);
  }
}

async function runPrepared(host: Host, request: SandboxRequest, { show, path }: Toolchains, onReady?: (pid: number) => void): Promise<SandboxResult> {
  const { limits, workspace, provided, signal } = request;
  const group = host.cgroup ? createCgroup(host.cgroup, { memoryBytes: limits.memoryMiB * 2 ** 20, processes: limits.processes + shellsAround }) : null;
  try {
    const staging = createStaging();
    const sources = placeSources(host.generated, request, staging);
    const fileMiB = workspace === 'writable' || request.profile ? largestFileMiB(request) : null;
    const init = initScript({
      copy: workspace === 'copy' ? copyCommand(provided) : null,
      limits: processLimits(limits, { data: !group, processes: !group, fileMiB }),
      watch: false,
    });
    const inside = [host.bwrap, ...bubblewrapArguments(request, show, sources), '--', '/bin/sh', '-c', init, 'sh', request.command];
    const [file, ...args] = outerCommand(host, group, staging, inside);
    let setUpMs = 0;
    const onStart = (status: string) => {
      setUpMs = group?.cpuMs() ?? 0;
      onReady?.(pidInside(status));
    };
    const end = await supervise({ file: file!, args, environment: environmentOf(request, path), cwd: '/', killGroup: false, limits, signal, onReady: onStart });
    return resultOf(end, {
      complete: end.started && /"exit-code"/.test(end.status),
      counted: group && { ...group.counters(), cpuMs: group.cpuMs() - setUpMs },
      limitsLayer: group ? 'cgroup' : 'rlimits',
      sandbox: 'bubblewrap',
    });
  } finally {
    await group?.remove();
  }
}

/** Not by --setenv: arguments can be read by every user of the host, and a value let through may be a secret. */
function environmentOf({ environment, network, profile }: SandboxRequest, path: string[]): Record<string, string> {
  const trust = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'].flatMap((name) =>
    process.env[name]?.startsWith('/etc/') ? [[name, process.env[name]] as const] : [],
  );
  return {
    ...{ LANG: 'C.UTF-8', TZ: 'UTC', CI: '1' },
    ...(network ? Object.fromEntries(trust) : {}),
    ...environment,
    ...{ PATH: [...(profile ? ['/node-shim'] : []), ...path].join(':'), HOME: '/tmp', TMPDIR: '/tmp' },
  };
}

/** Nothing is followed: a link in the tree may lead anywhere. */
async function giveTo(id: number, paths: string[]): Promise<void> {
  if (isRoot && paths.length > 0) await execa('chown', ['-RhP', `${id}:${id}`, '--', ...paths]);
}

function pidInside(status: string): number {
  return Number(/"child-pid": (\d+)/.exec(status)?.[1] ?? 0);
}
