import { posix } from 'node:path';
import { treeMount } from '../../../domain/names.ts';

/** File descriptors of a run beside the standard ones. */
export const descriptors = { status: 3, handshake: 4, times: 5, seccomp: 6 } as const;

/** Shows the loop's own files in a run. */
export const initMount = '/init';

/** Copy of the shell that cannot be read, in a run. Must be named `sh`, for shells that are several programs. */
export const hiddenShell = `${initMount}/sh`;

interface InitOptions {
  /** Paths of the tree that are mounted and not copied; null for a tree that is not copied. */
  copyWithout: string[] | null;
  /** Arguments of prlimit; null where no limit can be set. */
  prlimit: string[] | null;
  shell: string;
  /** Ends the process group when the loop's process ends, for want of a pid namespace. */
  killWithLoop?: boolean;
}

/** Writes the first process of a run. It stays as the command's parent and reaps orphans; its exit is the run's end. */
export function initScript({ copyWithout, prlimit, shell, killWithLoop = false }: InitOptions): string {
  const { handshake: fd, times } = descriptors;
  const copy = (mounted: string[]) => [
    `(cd /src && ${copyCommand(mounted)}) || exit 1`,
    `cd ${treeMount} || exit 1`,
    // Tells the copy's change times from the command's: the kernel counts them in ticks.
    `sleep ${copyRestMs / 1000}`,
  ];
  // Nothing more is written to the handshake: a read ends when the loop's process does.
  const watcher = `(read -r end; kill -KILL 0) <&${fd} >/dev/null 2>&1 ${fd}<&- ${times}>&- &`;
  const limited = prlimit && prlimit.length > 0 ? `prlimit ${prlimit.join(' ')} -- ` : '';
  return [
    ...(copyWithout === null ? [] : copy(copyWithout)),
    `echo ready >&${fd}`,
    `read -r go <&${fd} || exit 1`,
    ...(killWithLoop ? [watcher] : []),
    `exec ${fd}<&- ${times}>&-`,
    // Core dumps would count as output on disk. The shell's ulimit saves a start of prlimit.
    ...(prlimit ? ['ulimit -c 0', 'ulimit -n 1024'] : []),
    // Some shells catch it, and the command could end them by it.
    'trap : INT',
    // No reader either: a command of several steps is as much of a judge.
    `${limited}${shell} -c "$1"`,
    'exit $?',
  ].join('\n');
}

/** Rest between the copy of a tree and its command. */
export const copyRestMs = 20;

/** Copies /src to the tree's mount, without the paths that are mounted there; their parents exist and are entered. */
function copyCommand(mounted: string[]): string {
  const paths = mounted.map((path) => posix.join('.', path));
  const named = (path: string) => quote(`./${path.replace(/[*?[\]\\]/g, '\\$&')}`);
  const skip = paths.map((path) => `-path ${named(path)} -prune -o `);
  const enter = [...new Set(paths.flatMap(ancestors))].map((path) => `-path ${named(path)} -o `);
  return `find . -mindepth 1 ${[...skip, ...enter].join('')}-prune -exec cp -a --parents -t ${treeMount} {} +`;
}

function ancestors(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [...ancestors(parent), parent];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
