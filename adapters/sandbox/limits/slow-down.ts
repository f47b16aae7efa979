import { childrenOf } from './process-table.ts';

/** Time that the processes run, and that they then stand still, in ms. A busy machine makes up for a shorter rest. */
const turnMs = 40;

/** Lets all processes below one run only half of the time; nothing happens where they cannot be seen. Returns its end. */
export function slowDown(pid: number): () => void {
  let stopped: number[] = [];
  const takeTurn = () => {
    if (stopped.length > 0) goOn();
    else stopped = processesBelow(pid).filter((one) => signal(one, 'SIGSTOP'));
    timer = setTimeout(takeTurn, turnMs);
  };
  const goOn = () => stopped.splice(0).forEach((one) => signal(one, 'SIGCONT'));
  let timer = setTimeout(takeTurn, turnMs);
  return () => {
    clearTimeout(timer);
    goOn();
  };
}

/** Lists children, their children and so on. */
function processesBelow(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...processesBelow(child)]);
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
