import { exitCodes } from './command-error.ts';

/** The first Ctrl-C (or SIGTERM) asks to end in good order, by the signal; a second one ends at once. */
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
