import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';
import type { createActivities, Resources } from '../../activities/index.ts';

/** Times of one activity, in ms. */
export interface Metered {
  step: string;
  iteration: number;
  /** When the loop began the iteration, ISO 8601. */
  startedAt: string;
  wallMs: number;
  /** Inside sandboxed runs. */
  sandboxMs: number;
  /** From the start of the command source to its end. */
  sourceMs: number;
  /** Waiting for somebody else's hold on a lock. */
  queuedMs: number;
  /** Programs started outside of sandboxed runs, by name; of git with the subcommand. */
  programs: Record<string, number>;
}

type Activities = ReturnType<typeof createActivities>;

/** Taking a free lock is overhead of the loop's own; what takes longer is a wait for another process of this machine, in ms. */
const freeLockMs = 20;

const current = new AsyncLocalStorage<Metered | null>();

/** Resources whose sandboxed runs are timed for the activity that asked for them. */
export function meterSandbox(resources: Resources): Resources {
  const run: Resources['sandbox']['run'] = async (request) => {
    const meter = current.getStore();
    const began = performance.now();
    try {
      return await current.run(null, () => resources.sandbox.run(request));
    } finally {
      if (meter) meter.sandboxMs += performance.now() - began;
    }
  };
  return { ...resources, sandbox: { ...resources.sandbox, run } };
}

/** Activities that tell what they spent, once each has ended. */
export function meterActivities(
  activities: Activities,
  { settings }: Resources,
  tell: (metered: Metered) => void,
): Activities {
  const sources = Object.values(settings.commandSources).map(({ command }) => command.join('\0'));
  subscribe('child_process', (message) => {
    const meter = current.getStore();
    if (meter) watch((message as { process: ChildProcess }).process, meter, sources);
  });
  const wrap =
    (step: string, run: (input: never) => Promise<unknown>) =>
    async (input: { iteration?: number; startedAt?: string }) => {
      const { iteration = 0, startedAt = '' } = input;
      const meter: Metered = {
        step,
        iteration,
        startedAt,
        wallMs: 0,
        sandboxMs: 0,
        sourceMs: 0,
        queuedMs: 0,
        programs: {},
      };
      const began = performance.now();
      try {
        return await current.run(meter, () => run(input as never));
      } finally {
        meter.wallMs = performance.now() - began;
        tell(meter);
      }
    };
  const entries = Object.entries(activities) as [string, (input: never) => Promise<unknown>][];
  return Object.fromEntries(entries.map(([step, run]) => [step, wrap(step, run)])) as unknown as Activities;
}

/** Called while the process is being started, before its arguments are known. */
function watch(child: ChildProcess, meter: Metered, sources: readonly string[]): void {
  const began = performance.now();
  child.once('spawn', () => {
    const name = nameOf(child);
    if (sources.includes(child.spawnargs.join('\0')))
      child.once('close', () => (meter.sourceMs += performance.now() - began));
    else meter.programs[name] = (meter.programs[name] ?? 0) + 1;
    // It says so as soon as it holds the lock.
    if (name === 'flock')
      child.stdout?.once('data', () => (meter.queuedMs += Math.max(0, performance.now() - began - freeLockMs)));
  });
}

function nameOf({ spawnargs }: ChildProcess): string {
  const at = spawnargs.indexOf('git');
  if (at < 0) return basename(spawnargs[0] ?? '');
  const words = spawnargs.slice(at + 1);
  return `git ${words.find((word, index) => word !== '-c' && words[index - 1] !== '-c') ?? ''}`;
}
