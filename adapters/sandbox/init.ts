import { posix } from 'node:path';
import type { SandboxLimits, SandboxRequest } from './run.ts';

/** File descriptors of a run beside the standard ones. */
export const descriptors = { status: 3, handshake: 4, times: 5 } as const;

/** What setup and build make can be large. */
const leastBuiltMiB = 4096;

/**
 * The first process of a run: copies the tree if there is one to copy, says that all is ready, waits for the loop to read its clocks, and runs the command.
 * It stays as its parent, so that orphans are reaped and counted.
 * @param watch whether to end the process group at the end of the loop's process, for want of a pid namespace
 */
export function initScript({ copy, limits, watch }: { copy: string[] | null; limits: string[] | null; watch: boolean }): string {
  const fd = descriptors.handshake;
  const copying = copy ? [`(cd /src && ${copy.map(quote).join(' ')}) || exit 1`, 'cd /repo || exit 1'] : [];
  const ready = [`echo ready >&${fd}`, `read -r go <&${fd} || exit 1`];
  // Nothing more is written to the handshake: reading it ends with who holds the other side.
  const watching = watch ? [`(read -r end; kill -KILL 0) <&${fd} >/dev/null 2>&1 ${fd}<&- ${descriptors.times}>&- &`] : [];
  const closing = `exec ${fd}<&- ${descriptors.times}>&-`;
  const limited = limits ? `prlimit ${limits.join(' ')} -- ` : '';
  return [...copying, ...ready, ...watching, closing, `${limited}/bin/sh -c "$1"`, 'exit $?'].join('\n');
}

/** Copies /src to /repo but for what is mounted there already. The directories above a mount point are there too, and gone into. */
export function copyCommand(provided: { path: string }[]): string[] {
  const mounted = provided.map(({ path }) => posix.join('.', path));
  const above = new Set(mounted.flatMap(ancestors));
  const skip = mounted.flatMap((path) => ['-path', `./${escapeGlob(path)}`, '-prune', '-o']);
  const enter = [...above].flatMap((path) => ['-path', `./${escapeGlob(path)}`, '-o']);
  return ['find', '.', '-mindepth', '1', ...skip, ...enter, '-prune', '-exec', 'cp', '-a', '--parents', '-t', '/repo', '{}', '+'];
}

/** Limits that hold for each process. Core dumps are never wanted, and would count as output on disk. */
export function processLimits(limits: SandboxLimits, bounds: { data: boolean; processes: boolean; fileMiB: number | null }): string[] {
  const { memoryMiB, processes } = limits;
  return [
    '--core=0:0',
    '--nofile=1024:1024',
    // Not the address space (RLIMIT_AS): Node.js reserves far more of it than it uses.
    ...(bounds.data ? [`--data=${memoryMiB * 2 ** 20}`] : []),
    // Counted per user namespace only if set inside it; the two are the shells around the command.
    ...(bounds.processes ? [`--nproc=${processes + 2}:${processes + 2}`] : []),
    ...(bounds.fileMiB ? [`--fsize=${bounds.fileMiB * 2 ** 20}`] : []),
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
