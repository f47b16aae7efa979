import { readFileSync } from 'node:fs';
import { runInBubblewrap } from './bubblewrap/run.ts';
import type { Host } from './bubblewrap/launch.ts';
import type { SandboxResult } from './contract.ts';
import { findOnPath, findToolchains, missing } from './tools.ts';

/** Processes that the self-test's run may have, and tries to exceed. */
const processes = 64;

/** Tries what must not work, and that the tools do; one line per problem. */
export async function testSandbox(host: Host, tools: string[]): Promise<string[]> {
  const { problems } = findToolchains(tools);
  const usable = tools.filter((tool) => findToolchains([tool]).problems.length === 0);
  const outside = { uid: '', seen: false };
  const result = await runInBubblewrap(
    host,
    {
      ...{
        command: escapes(usable),
        tree: host.generated,
        workspace: 'readonly',
        network: false,
        provided: [],
        readOnlyPaths: [],
        devices: [],
        environment: {},
        tools: usable,
      },
      limits: { seconds: 60, memoryMiB: 512, processes, outputKiB: 64, scratchMiB: 16 },
    },
    ({ pid, seen }) => {
      outside.uid = uidOf(pid);
      outside.seen = seen;
    },
  );
  const holds = (problem: string) =>
    `sandbox: ${problem}; it does not hold here, see that bubblewrap and the kernel are current`;
  return [
    ...problems,
    ...(outside.uid === '0' ? [holds('its processes are root on the host')] : []),
    ...(outside.uid !== '' && !outside.seen
      ? [holds('its processes and files cannot be seen from outside (/proc/<pid>/root)')]
      : []),
    ...(endProblem(result, host) ??
      result.stdout
        .split('\n')
        .filter((line) => line !== '' && line !== 'end')
        .map((line) => (line.startsWith('tools: ') ? line : holds(line)))),
  ];
}

/** Whether the tools are there, for a worker without a sandbox. */
export function testTools(tools: string[]): string[] {
  return tools.filter((tool) => findOnPath(tool) === null).map(missing);
}

/** A limit of processes that holds shows itself by the cgroup's count, or by a fork that failed. */
function endProblem({ status, tail, stdout }: SandboxResult, { cgroup }: Host): string[] | null {
  if (status === 'sandbox-error' || status === 'timeout')
    return [
      `sandbox: the self-test did not run (${status}: ${tail.replace(/\s+/g, ' ')}); see that bubblewrap works for this user`,
    ];
  // By the poller, which ends the run at its last try.
  if (!cgroup && status === 'pids') return null;
  if (!stdout.split('\n').includes('end'))
    return [`sandbox: the self-test broke off (${status}: ${tail.replace(/\s+/g, ' ')}); see that sh works inside`];
  return cgroup && status !== 'pids'
    ? ['sandbox: the limit of processes was not noticed; see that the pids controller of cgroups works']
    : null;
}

/** Prints a line for all that it could do and should not. Opening for appending changes nothing where it succeeds. */
function escapes(tools: string[]): string {
  return `
try() { if ( eval "$2" ) >/dev/null 2>&1; then echo "$1"; fi; }
try '/ is writable' ': >>/x'
try '/dev is writable' ': >>/dev/x'
try 'the tree is writable' ': >>/repo/x'
try 'kernel settings are writable' ': >>/proc/sys/kernel/core_pattern'
try 'open files of the host reach it' 'ls /proc/self/fd | grep -qvx "[0-4]"'
try 'it has a network' 'grep -qv -e "^ *lo:" -e "|" /proc/net/dev'
try 'it can make user namespaces' 'command -v unshare && unshare --user true'
${tools.map((tool) => `command -v ${tool} >/dev/null || echo 'tools: ${tool} does not run inside the sandbox; install it for all users (for example below /usr/local)'`).join('\n')}
${tools.includes('node') ? `node -e 0 || echo 'tools: node does not run inside the sandbox; install it for all users (for example below /usr/local)'` : ''}
try 'processes are not limited' 'n=0; while [ $n -lt ${processes + 40} ]; do sleep 20 & n=$((n + 1)); done'
echo end`;
}

function uidOf(pid: number): string {
  return /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}
