import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Tells if the command's first process has another standard output than it was started with, at this moment and from
 * outside. A program can evade it, by putting things back in time.
 * @param outer process that holds the run's standard output, outside
 * @param first the first process inside; both by the host's pid
 */
export function isStdoutMoved(outer: number | undefined, first: number): boolean {
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

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
