import type { ChildProcess } from 'node:child_process';

/** Asks a child to end and waits; after `seconds` it is killed. Does nothing for one that has ended. */
export async function endProcess(child: ChildProcess, seconds: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  await ended;
  clearTimeout(timer);
}
