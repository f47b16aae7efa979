import type { MachineLock } from '../../adapters/machine-lock.ts';
import type { Cache } from '../../adapters/cache.ts';
import type { Model } from '../../adapters/models/model.ts';
import type { Sandbox } from '../../adapters/sandbox/contract.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import type { Usage } from '../../store/quota.ts';

/** A worker's settings, tools and state, which its activities share; assembled once by worker/. */
export interface Resources {
  dataDirectory: string;
  settings: WorkerSettings;
  sandbox: Sandbox;
  /** This worker's own task queue. */
  queue: string;
  /** Starts the embedded model on first use. */
  embedded: () => Promise<Model>;
  /** Runs a base that fails its tests without a sandbox, by leave of the worker's owner (`outsideCheck`). */
  outside?: Sandbox['run'];
  /** Counts the running steps of each loop. */
  usage: Usage;
  /** Facts of commits and trees, which never change. */
  cache: Cache;
}

/** A worker as its steps see it; only a holder of the machine-wide lock runs commands. */
export type Worker = Omit<Resources, 'sandbox' | 'outside'> & { sandbox: Pick<Sandbox, 'kind' | 'limitsLayer'> };

/** A context without a loop. */
export interface WorkerContext {
  worker: Worker;
  /** Ends the step: it was cancelled, or its worker shuts down. */
  signal: AbortSignal;
  machineLock: MachineLock;
  /** Tells people what the step does: "tests, run 2 of 3". */
  say: (text: string) => void;
}
