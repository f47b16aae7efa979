import { setTimeout as sleep } from 'node:timers/promises';
import { forgetServer, recordedServer } from './server-file.ts';

/** How long a server may take to end by itself. */
const patienceMs = 30_000;

/**
 * Ends the dev server that a killed command left on a data directory, and waits until its database is free: it is on its way out, and must not be
 * taken for one that lasts. To be called under the directory's run lock, so that no living command has it.
 * @returns whether there was one
 */
export async function endOrphanServer(data: string): Promise<boolean> {
  const orphan = recordedServer(data);
  if (!orphan) return false;
  signal(orphan.pid, 'SIGTERM');
  const deadline = Date.now() + patienceMs;
  while (recordedServer(data) && Date.now() < deadline) await sleep(100);
  if (recordedServer(data)) signal(orphan.pid, 'SIGKILL');
  forgetServer(data);
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
