import { setTimeout as sleep } from 'node:timers/promises';
import { line, type CleanLine } from '../../domain/text.ts';
import { CommandError } from '../terminal/command-error.ts';

export interface Running {
  /** Resolves when the process has ended: with its exit code, null for a signal, undefined where neither is known. */
  ended: Promise<number | null | undefined>;
  stop: () => Promise<void>;
}

const maxRestarts = 5;

/** Starts a process again when it dies. `lost` rejects when it has died too often, or cannot be started again. */
export function keepRunning<T extends Running>(
  name: string,
  first: T,
  start: () => Promise<T>,
  say: (text: CleanLine) => void,
): { lost: Promise<never>; stop: () => Promise<void> } {
  let current = first;
  let closing = false;
  const watch = async (): Promise<never> => {
    for (let deaths = 1; ; deaths++) {
      const code = await current.ended;
      if (closing) return new Promise<never>(() => undefined);
      const how = code === undefined ? '' : code === null ? ' by a signal' : ` with exit code ${code}`;
      if (deaths > maxRestarts)
        throw new CommandError(
          `${name}: ended ${deaths} times${how && `, at last${how}`}; see its log in the data directory`,
        );
      say(line`${name} ended${how}; starting it again`);
      await sleep(deaths * 500);
      // A start that fails, as on a busy machine, counts as one more death.
      const next = await start().catch((error: unknown) => {
        if (deaths === maxRestarts) throw error;
        return null;
      });
      if (next) current = next;
    }
  };
  const lost = watch();
  lost.catch(() => undefined);
  const stop = () => {
    closing = true;
    return current.stop();
  };
  return { lost, stop };
}
