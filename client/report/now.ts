import { openClient, targetOf, tryConnect } from '../backend/connection.ts';
import type { ServerFlags } from '../backend/server-flags.ts';
import { askStatus, stepEvent } from '../loops/follow.ts';
import { describeLoop } from '../loops/loops.ts';
import { wholeStepText } from '../terminal/draw-event.ts';

/** Tells what a loop does now, where its server answers; without one the ledger is all that is known. */
export async function askingNow(
  flags: ServerFlags,
  loopId: string,
): Promise<{ ask: () => Promise<string>; close: () => Promise<void> }> {
  const target = targetOf(flags);
  const probe = await tryConnect(target, 2);
  if (!probe)
    return {
      ask: () => Promise.resolve('No server answers here: the report is what the ledger tells.'),
      close: () => Promise.resolve(),
    };
  await probe.close();
  const client = await openClient(target);
  const ask = async () => {
    const found = await describeLoop(client, loopId);
    if (!found) return 'The server knows no such loop: the report is what the ledger tells.';
    if (found.status.name !== 'RUNNING') return 'The loop has ended.';
    const status = await askStatus(client.workflow.getHandle(loopId));
    const step = status && (await stepEvent(client, status));
    return step ? `Now: ${wholeStepText(step)}` : 'The loop is open.';
  };
  return {
    ask: () => ask().catch(() => 'The server does not answer: the report is as it was last.'),
    close: () => client.connection.close(),
  };
}
