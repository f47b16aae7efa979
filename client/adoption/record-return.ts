import { randomUUID } from 'node:crypto';
import { ownFile } from '../../adapters/own-files.ts';
import { resolveBase } from '../../adapters/git/repository.ts';
import { appendSelf } from '../../ledger/selves.ts';
import { readOrder, readSelves } from '../../store/selves.ts';

/**
 * Adds to the chain that the build before `judge` works again.
 * @param facts `reason`: who has gone back, and why
 */
export async function recordReturn(data: string, { judge, reason }: { judge: string; reason: string }): Promise<void> {
  const [{ current }, order] = [await readSelves(data), await readOrder(data)];
  if (order === null) return;
  const commit = current?.commit ?? (await resolveBase(ownFile(''), 'HEAD').catch(() => null)) ?? judge;
  const now = new Date().toISOString();
  const evidence = { commit, judge, findings: [], returned: reason, startedAt: now, endedAt: now };
  await appendSelf(data, order.repository, { ...evidence, adoption: randomUUID() });
}
