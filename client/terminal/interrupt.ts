import { once } from 'node:events';
import { exitCodes } from './command-error.ts';

/** Returns a signal that aborts at the first Ctrl-C or SIGTERM, to end in good order; a second one ends at once. */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}

/** Resolves when the signal aborts. */
export async function untilAborted(signal: AbortSignal): Promise<null> {
  if (!signal.aborted) await once(signal, 'abort');
  return null;
}
