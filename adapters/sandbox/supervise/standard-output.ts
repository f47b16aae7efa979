import { readFileSync, readlinkSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { childrenOf } from '../limits/process-table.ts';

/** Time between two looks, beside one whenever something is printed. */
const lookMs = 10;

/**
 * Counts from outside the looks at which the command's first process had another standard output than it was started with.
 * A program can evade it, by putting things back in time.
 * @param outer process that holds the run's standard output, outside
 * @param first the first process inside, by the host's pid
 */
export function watchStdout(outer: { pid?: number | undefined; stdout: Readable }, first: number): { end(): number } {
  let moved = 0;
  const look = () => {
    if (isMovedNow(outer.pid, first)) moved++;
  };
  outer.stdout.on('data', look);
  const timer = setInterval(look, lookMs).unref();
  return {
    end() {
      clearInterval(timer);
      return moved;
    },
  };
}

function isMovedNow(outer: number | undefined, first: number): boolean {
  try {
    const [shell = 0] = childrenOf(first);
    // Some shells become their last command.
    const isShell = readFileSync(`/proc/${shell}/comm`, 'utf8') === 'sh\n';
    const [command = 0] = isShell ? childrenOf(shell) : [shell];
    return readlinkSync(`/proc/${command}/fd/1`) !== readlinkSync(`/proc/${outer}/fd/1`);
  } catch {
    // It has ended already, or may not be looked at.
    return false;
  }
}
