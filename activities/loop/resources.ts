import type { Bench } from '../../adapters/bench.ts';
import type { Cache } from '../../adapters/cache.ts';
import type { Model } from '../../adapters/models/model.ts';
import type { Sandbox } from '../../adapters/sandbox/contract.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import type { Usage } from '../../store/quota.ts';

/** What a worker's activities work with; assembled once by worker/. */
export interface Resources {
  dataDirectory: string;
  settings: WorkerSettings;
  sandbox: Sandbox;
  /** This worker's own task queue. */
  queue: string;
  /** Starts the embedded model on first use. */
  embedded: () => Promise<Model>;
  /** Runs without a sandbox, for a base that fails its tests in it; only by leave of the worker's owner (settings, `outsideCheck`). */
  outside?: Sandbox['run'];
  /** Counts the running steps of each loop. */
  usage: Usage;
  /** Facts of commits and trees, which never change. */
  cache: Cache;
}

/** A worker as its steps see it; only the bench runs commands. */
export type Worker = Omit<Resources, 'sandbox' | 'outside'> & { sandbox: Pick<Sandbox, 'kind' | 'limitsLayer'> };

/** What a step works with before it has opened a loop. */
export interface WorkerContext {
  worker: Worker;
  /** Ends the step: it was cancelled, or its worker shuts down. */
  signal: AbortSignal;
  bench: Bench;
}
