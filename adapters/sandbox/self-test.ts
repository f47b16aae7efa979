import { readFileSync } from 'node:fs';
import { treeMount } from '../../domain/names.ts';
import { runInBubblewrap } from './bubblewrap/run.ts';
import type { Host } from './bubblewrap/launch.ts';
import { bareRequest, type SandboxResult } from './contract.ts';
import { findToolchains } from './tools.ts';

/** Processes that the self-test's run may have, and tries to exceed. */
const maxProcesses = 64;

/** Tries what must not work, and the tools; returns one line per problem. */
export async function testSandbox(host: Host, tools: string[]): Promise<string[]> {
  const { problems } = findToolchains(tools);
  const usable = tools.filter((tool) => findToolchains([tool]).problems.length === 0);
  const limits = { seconds: 60, memoryMiB: 512, processes: maxProcesses, outputKiB: 64, scratchMiB: 16 };
  const request = { ...bareRequest, command: escapes(usable), tree: host.generated, tools: usable, limits };
  const outside = { uid: '', isSeen: false };
  const result = await runInBubblewrap(host, request, ({ pid, isSeen }) => {
    outside.uid = uidOf(pid);
    outside.isSeen = isSeen;
  });
  const holds = (problem: string) =>
    `sandbox: ${problem}; it does not hold here, see that bubblewrap and the kernel are current`;
  return [
    ...problems,
    ...(outside.uid === '0' ? [holds('its processes are root on the host')] : []),
    ...(outside.uid !== '' && !outside.isSeen
      ? [holds('its processes and files cannot be seen from outside (/proc/<pid>/root)')]
      : []),
    ...(endProblem(result, host) ??
      result.stdout
        .split('\n')
        .filter((line) => line !== '' && line !== 'end')
        .map((line) => (line.startsWith('tools: ') ? line : holds(line)))),
  ];
}

/** Finds a run that did not end as it must: at the limit of processes. */
function endProblem({ status, tail, stdout }: SandboxResult, { cgroup }: Host): string[] | null {
  const ending = `${status}: ${tail.replace(/\s+/g, ' ')}`;
  if (status === 'sandbox-error' || status === 'timeout')
    return [`sandbox: the self-test did not run (${ending}); see that bubblewrap works for this user`];
  // The poller ends the run at its last try.
  if (!cgroup && status === 'pids') return null;
  if (!stdout.split('\n').includes('end'))
    return [`sandbox: the self-test broke off (${ending}); see that sh works inside`];
  return cgroup && status !== 'pids'
    ? ['sandbox: the limit of processes was not noticed; see that the pids controller of cgroups works']
    : null;
}

/** Writes a script that prints a line for each thing that it should not be able to do. It changes nothing. */
function escapes(tools: string[]): string {
  return `
try() { if ( eval "$2" ) >/dev/null 2>&1; then echo "$1"; fi; }
try '/ is writable' ': >>/x'
try '/dev is writable' ': >>/dev/x'
try 'the tree is writable' ': >>${treeMount}/x'
try 'kernel settings are writable' ': >>/proc/sys/kernel/core_pattern'
try 'open files of the host reach it' 'ls /proc/self/fd | grep -qvx "[0-4]"'
try 'the memory of its first process can be read' 'head -c 0 /proc/1/mem'
try 'its system calls are not filtered' '! grep -q "^Seccomp:.*2$" /proc/self/status'
try 'keyrings of the host are shown' 'cat /proc/keys'
try 'it has a network' 'grep -qv -e "^ *lo:" -e "|" /proc/net/dev'
try 'it can make user namespaces' 'command -v unshare && unshare --user true'
${tools.map((tool) => `command -v ${tool} >/dev/null || ${notRunning(tool)}`).join('\n')}
${tools.includes('node') ? `node -e 0 || ${notRunning('node')}` : ''}
try 'processes are not limited' 'n=0; while [ $n -lt ${maxProcesses + 40} ]; do sleep 20 & n=$((n + 1)); done'
echo end`;
}

function notRunning(tool: string): string {
  const remedy = 'install it for all users (for example below /usr/local)';
  return `echo 'tools: ${tool} does not run inside the sandbox; ${remedy}'`;
}

function uidOf(pid: number): string {
  return /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}
