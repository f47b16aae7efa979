import { closeSync, constants, openSync } from 'node:fs';
import { execa } from 'execa';
import type { SandboxResult } from '../contract.ts';
import { treeMount } from '../../../domain/names.ts';
import { copyRestMs } from './init-script.ts';

type Left = SandboxResult['left'];

/** A run's copy of a tree, held open: it can be read when all processes of the run are gone. */
export interface HeldCopy {
  /** To be called after the end of the run. Null where no list could be made. */
  list(): Promise<Left>;
  close(): void;
}

/** Longest time for a list. */
const listTimeoutMs = 120_000;
/** Size limit of a list, in bytes. */
const maxListBytes = 64 * 2 ** 20;

/**
 * Opens the copy of a run whose command has not begun.
 * @param pid of the run's first process
 */
export function holdCopy(pid: number, tree: string): HeldCopy | null {
  const sinceMs = Date.now() - copyRestMs / 2;
  try {
    const copy = openSync(`/proc/${pid}/root${treeMount}`, constants.O_RDONLY | constants.O_DIRECTORY);
    return { list: () => list(copy, tree, sinceMs / 1000), close: () => closeSync(copy) };
  } catch {
    return null;
  }
}

async function list(copy: number, tree: string, since: number): Promise<Left> {
  const bounds = { timeout: listTimeoutMs, maxBuffer: maxListBytes, reject: false } as const;
  const place = { cwd: `/proc/self/fd/${copy}`, stdin: 'ignore', stderr: 'ignore' } as const;
  const { exitCode, stdout } = await execa('/bin/sh', ['-c', script, 'sh', tree, String(since)], {
    ...bounds,
    ...place,
  });
  return exitCode === 0 ? readList(stdout, tree) : null;
}

/** Prints all paths, with "+" if changed, else "=". No process can set a change time, but a memory map changes none. */
const script = `
find . -xdev -mindepth 1 \\( -newerct "@$2" -printf '+%P\\0' -o -printf '=%P\\0' \\) || exit 1
printf '\\0'
LC_ALL=C diff -rq --no-dereference "$1" . | grep -a '^Files '
exit 0`;

function readList(text: string, tree: string): Left {
  const end = text.lastIndexOf('\0');
  const left = new Map<string, 'same' | 'changed'>();
  for (const entry of text.slice(0, end).split('\0'))
    if (entry !== '') left.set(entry.slice(1), entry.startsWith('+') ? 'changed' : 'same');
  for (const line of text.slice(end + 1).split('\n')) {
    const path = rewrittenPath(line, tree);
    if (path !== null) left.set(path, 'changed');
  }
  return left;
}

/** Reads a line of diff, which names the path twice. */
function rewrittenPath(line: string, tree: string): string | null {
  const [start, between, end] = [`Files ${tree}/`, ' and ./', ' differ'];
  const length = (line.length - start.length - between.length - end.length) / 2;
  const path = line.slice(start.length, start.length + length);
  return line === start + path + between + path + end ? path : null;
}
