import { posix } from 'node:path';
import { treeMount } from '../../../domain/names.ts';

/** File descriptors of a run beside the standard ones. */
export const descriptors = { status: 3, handshake: 4, times: 5 } as const;

interface InitOptions {
  /** Paths of the tree that are mounted and not copied; null for a tree that is not copied. */
  copyWithout: string[] | null;
  /** Arguments of prlimit; null where no limit can be set. */
  prlimit: string[] | null;
  /** Ends the process group when the loop's process ends, for want of a pid namespace. */
  killWithLoop?: boolean;
}

/** Writes the first process of a run, which stays as the command's parent, so that orphans are reaped and counted. */
export function initScript({ copyWithout, prlimit, killWithLoop = false }: InitOptions): string {
  const { handshake: fd, times } = descriptors;
  const isCopied = copyWithout !== null;
  const waitForLoop = `read -r go <&${fd} || exit 1`;
  const copy = () => [
    `(cd /src && ${copyCommand(copyWithout!)}) || exit 1`,
    `cd ${treeMount} || exit 1`,
    // The kernel counts change times in ticks: a rest tells the copy's from the command's.
    'began=$(date +%s.%N)',
    'sleep 0.02',
  ];
  // Nothing more is written to the handshake: a read ends when the loop's process does.
  const watcher = `(read -r end; kill -KILL 0) <&${fd} >/dev/null 2>&1 ${fd}<&- ${times}>&- &`;
  // The loop reads its clocks first, and nothing else runs by then.
  const list = [
    `echo done >&${fd}`,
    waitForLoop,
    '[ $$ = 1 ] && kill -KILL -1 2>/dev/null',
    `(cd ${treeMount} && ${listPaths} && printf '\\0' && { ${listRewritten}; printf '\\0'; }) >&${fd}`,
  ];
  const limited = prlimit && prlimit.length > 0 ? `prlimit ${prlimit.join(' ')} -- ` : '';
  return [
    ...(isCopied ? copy() : []),
    `echo ready >&${fd}`,
    waitForLoop,
    ...(killWithLoop ? [watcher] : []),
    isCopied ? `exec ${times}>&-` : `exec ${fd}<&- ${times}>&-`,
    // Core dumps would count as output on disk. The shell's ulimit saves a start of prlimit.
    ...(prlimit ? ['ulimit -c 0', 'ulimit -n 1024'] : []),
    `${limited}/bin/sh -c "$1"${isCopied ? ` ${fd}<&-` : ''}`,
    'code=$?',
    ...(isCopied ? list : []),
    'exit $code',
  ].join('\n');
}

/** Prints all paths in the copy, with "+" if changed, else "=", each ended by NUL. No process can set a change time. */
const listPaths = `find . -xdev -mindepth 1 \\( -newerct "@$began" -printf '+%P\\0' -o -printf '=%P\\0' \\)`;
/** Prints files with other bytes than the original, a line each: a write by a memory map changes no time. */
const listRewritten = "LC_ALL=C diff -rq --no-dereference /src . | grep -a '^Files '";

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
