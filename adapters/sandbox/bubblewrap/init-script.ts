import { posix } from 'node:path';
import type { SandboxLimits, SandboxRequest } from '../contract.ts';

/** File descriptors of a run beside the standard ones. */
export const descriptors = { status: 3, handshake: 4, times: 5 } as const;

/** What setup and build make can be large. */
export const leastBuiltMiB = 4096;

/** The first process inside and the command's `sh -c`. */
export const shellsInside = 2;

/** How far beyond its limits the kernel lets a run go that a poller watches, so that the poller sees and names it. */
const pollMargin = { processes: 16, memory: 2 };

/** Who counts the processes and memory of a run: the kernel, a poller within wider limits of the kernel, or only the kernel's limits per process. */
export type Counting = 'cgroup' | 'poller' | 'process';

/**
 * The first process of a run: copies the tree if there is one to copy, says that all is ready, waits for the loop to read its clocks, and runs the command.
 * It stays as its parent, so that orphans are reaped and counted.
 * @param watch whether to end the process group at the end of the loop's process, for want of a pid namespace
 */
export function initScript({
  copy,
  limits,
  watch,
}: {
  copy: string[] | null;
  limits: string[] | null;
  watch: boolean;
}): string {
  const fd = descriptors.handshake;
  const copying = copy ? [`(cd /src && ${copy.map(quote).join(' ')}) || exit 1`, 'cd /repo || exit 1'] : [];
  const ready = [`echo ready >&${fd}`, `read -r go <&${fd} || exit 1`];
  // Nothing more is written to the handshake: reading it ends with who holds the other side.
  const watching = watch
    ? [`(read -r end; kill -KILL 0) <&${fd} >/dev/null 2>&1 ${fd}<&- ${descriptors.times}>&- &`]
    : [];
  const closing = `exec ${fd}<&- ${descriptors.times}>&-`;
  // A copy is listed at the end: what its files are and which have changed since the command began. By their change time, which no process can set; after a
  // rest, since the kernel counts it in ticks. The loop reads its clocks first, and nothing else runs by then.
  const began = copy ? ['began=$(date +%s.%N)', 'sleep 0.02'] : [];
  const listing = copy
    ? [
        'code=$?',
        `echo done >&${fd}`,
        `read -r go <&${fd} || exit 1`,
        '[ $$ = 1 ] && kill -KILL -1 2>/dev/null',
        `(cd /repo && ${listCommand}) >&${fd}`,
        'exit $code',
      ]
    : [];
  // Core dumps are never wanted, and would count as output on disk. By the shell itself, which saves a start of prlimit where nothing else is bounded.
  const common = limits ? ['ulimit -c 0', 'ulimit -n 1024'] : [];
  const limited = limits && limits.length > 0 ? `prlimit ${limits.join(' ')} -- ` : '';
  const command = `${limited}/bin/sh -c "$1"`;
  if (copy)
    return [
      ...copying,
      ...began,
      ...ready,
      `exec ${descriptors.times}>&-`,
      ...common,
      `${command} ${fd}<&-`,
      ...listing,
    ].join('\n');
  return [...ready, ...watching, closing, ...common, command, 'exit $?'].join('\n');
}

/**
 * Prints "=", or "+" if it has changed, and the path of all in the copy, each ended by NUL, and after another NUL lines on files that have other bytes than
 * the original, since what is written to a file in memory by way of a map changes no time.
 */
const listCommand = `find . -xdev -mindepth 1 \\( -newerct "@$began" -printf '+%P\\0' -o -printf '=%P\\0' \\) && printf '\\0' && { LC_ALL=C diff -rq --no-dereference /src . | grep -a '^Files '; printf '\\0'; }`;

/** Copies /src to /repo but for what is mounted there already. The directories above a mount point are there too, and gone into. */
export function copyCommand(provided: { path: string }[]): string[] {
  const mounted = provided.map(({ path }) => posix.join('.', path));
  const above = new Set(mounted.flatMap(ancestors));
  const skip = mounted.flatMap((path) => ['-path', `./${escapeGlob(path)}`, '-prune', '-o']);
  const enter = [...above].flatMap((path) => ['-path', `./${escapeGlob(path)}`, '-o']);
  return [
    'find',
    '.',
    '-mindepth',
    '1',
    ...skip,
    ...enter,
    '-prune',
    '-exec',
    'cp',
    '-a',
    '--parents',
    '-t',
    '/repo',
    '{}',
    '+',
  ];
}

/** Limits that the kernel holds each process to, beside those that all runs have; arguments of prlimit. */
export function processLimits(
  { memoryMiB, processes }: SandboxLimits,
  counting: Counting,
  fileMiB: number | null,
): string[] {
  const bytes = memoryMiB * 2 ** 20 * (counting === 'poller' ? pollMargin.memory : 1);
  const most = processes + shellsInside + pollMargin.processes;
  return [
    // Not the address space (RLIMIT_AS): Node.js reserves far more of it than it uses.
    ...(counting !== 'cgroup' ? [`--data=${bytes}`] : []),
    // Counted per user namespace only if set inside one; outside it would count all that the user runs.
    ...(counting === 'poller' ? [`--nproc=${most}:${most}`] : []),
    ...(fileMiB ? [`--fsize=${fileMiB * 2 ** 20}`] : []),
  ];
}

/** Largest single file that a run may write where its files lie on the host's disk, in MiB; their total is not bounded there. */
export function largestFileMiB({ workspace, limits }: Pick<SandboxRequest, 'workspace' | 'limits'>): number {
  return workspace === 'writable' ? Math.max(limits.scratchMiB, leastBuiltMiB) : limits.scratchMiB;
}

function ancestors(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [...ancestors(parent), parent];
}

function escapeGlob(path: string): string {
  return path.replace(/[*?[\]\\]/g, '\\$&');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
