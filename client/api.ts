/** The package's programming interface: everything here keeps its meaning between releases, or the changelog says so. */
import { WorkflowFailedError } from '@temporalio/client';
import { parseLoopConfig } from '../domain/config/parse-loop-config.ts';
import type { LoopConfigInput } from '../domain/config/loop-config.ts';
import { line, type CleanLine } from '../domain/text.ts';
import { pauseUpdate, type LoopResult, type LoopStatus } from '../workflows/messages.ts';
import { openClient, targetOf } from './backend/connection.ts';
import type { AllowFlags, ServerFlags } from './flags.ts';
import type { LoopEvent, StartedEvent } from './loops/events.ts';
import { failureLines } from './loops/failure-lines.ts';
import { loopEvents } from './loops/follow.ts';
import { readLoop, type LoopInput } from './loops/loop-file.ts';
import { openRunBackend, resume, startedEvent } from './loops/run-loop.ts';
import { noGrants } from './loops/run-settings.ts';
import { checkId, startOrContinue } from './loops/start-loop.ts';
import { CommandError } from './terminal/command-error.ts';

export type { LoopConfigInput as LoopConfig, LoopEvent, LoopResult };
/** Thrown where a loop is refused or fails; `lines` has one "field: fact; remedy" for each fact. */
export { CommandError as LoopError };

/** Options of `startLoop`, as those of `karpathy-loop run`; what a loop may reach is closed unless it is named here. */
export interface StartOptions extends ServerFlags, Partial<AllowFlags> {
  /** Id of the loop; default: from repository and config. An open loop of this id goes on where it was. */
  id?: string;
  /** Told what is started, or started again, on the way. Default: nobody. */
  say?: (text: string) => void;
}

export interface FollowOptions extends ServerFlags {
  /** Tells later iterations only; default 0, all. */
  from?: number;
  /** Ends the following, which then throws the signal's reason; the loop goes on. */
  signal?: AbortSignal;
}

/** A loop whose server and worker this process keeps, until `close`. */
export interface StartedLoop extends Omit<StartedEvent, 'type'> {
  pause: () => Promise<void>;
  resume: () => Promise<void>;
  /** Ends the loop after the iteration under way; with `now` that one is cancelled and rolled back. */
  stop: (how?: { now?: boolean }) => Promise<void>;
  /** Ends what was started here. A loop that is open then waits, and `startLoop` with the same config goes on with it. */
  close: () => Promise<void>;
}

/**
 * Starts a loop, or goes on with it, on a Temporal server and a worker that this process brings up where none runs.
 * @param loop a config, or the path of a loop.json or of a directory with one
 * @throws LoopError where it is refused
 */
export async function startLoop(loop: LoopConfigInput | string, options: StartOptions = {}): Promise<StartedLoop> {
  const { id, say = () => undefined, ...flags } = options;
  checkId(id);
  const input = typeof loop === 'string' ? readLoop(loop, {}) : toInput(loop);
  const own = { ...noGrants, ...flags, foreground: true } as const;
  const { close, ...place } = await openRunBackend(input, own, (text: CleanLine) => say(text));
  const { backend } = place;
  try {
    const opened = await startOrContinue(backend.client, backend.queue, input, id);
    const handle = backend.client.workflow.getHandle(opened.loopId);
    if (opened.continued) await resume(handle);
    const { type: _type, ...facts } = startedEvent(place, opened);
    backend.lost.catch((error: unknown) => say(line`lost: ${(error as Error).message}`));
    return {
      ...facts,
      pause: async () => void (await handle.executeUpdate(pauseUpdate)),
      resume: () => resume(handle),
      stop: async (how = {}) => void (await handle.executeUpdate<LoopStatus, [object]>('stop', { args: [how] })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Tells what happens in a loop, until it ends: the last event has its result. Any process may follow any loop.
 * @param loop its id, or a started loop
 * @throws LoopError where the loop was refused or failed, or no server answers
 */
export async function* follow(
  loop: string | Pick<StartedLoop, 'loopId' | 'address' | 'namespace'>,
  { from = 0, signal, ...flags }: FollowOptions = {},
): AsyncGenerator<LoopEvent, void> {
  const { loopId, ...place } = typeof loop === 'string' ? { loopId: loop } : loop;
  const client = await openClient(targetOf({ ...place, ...flags }));
  try {
    yield* loopEvents({ client, loopId, from, ...(signal && { signal }) });
  } catch (error) {
    throw error instanceof WorkflowFailedError ? new CommandError(failureLines(error)) : error;
  } finally {
    await client.connection.close();
  }
}

function toInput(written: LoopConfigInput): LoopInput {
  const parsed = parseLoopConfig(written);
  if (!parsed.ok) throw new CommandError(parsed.problems);
  return { written: { ...written }, config: parsed.value };
}
