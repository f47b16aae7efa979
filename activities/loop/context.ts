import type { Bench, HeldBench } from '../../adapters/bench.ts';
import type { Sandbox } from '../../adapters/sandbox/contract.ts';
import type { OpenLoop } from './open-loop.ts';
import type { Resources } from './resources.ts';

/** A worker as its steps see it; only the bench runs commands. */
export type Worker = Omit<Resources, 'sandbox' | 'outside'> & { sandbox: Pick<Sandbox, 'kind' | 'limitsLayer'> };

/** What a step works with before it has opened a loop. */
export interface WorkerContext {
  worker: Worker;
  /** Ends the step: it was cancelled, or its worker shuts down. */
  signal: AbortSignal;
  bench: Bench;
}

/** What a step on a loop works with. */
export interface StepContext extends WorkerContext {
  loop: OpenLoop;
}

/** The same while nothing else is measured on this machine. */
export interface HeldContext extends Omit<StepContext, 'bench'> {
  bench: HeldBench;
}

/** Does work while nothing else is measured on this machine. */
export function exclusively<T>(context: StepContext, work: (held: HeldContext) => Promise<T>): Promise<T> {
  return context.bench.exclusively((bench) => work({ ...context, bench }));
}
