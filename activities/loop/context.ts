import type { HeldSandbox } from '../../adapters/machine-lock.ts';
import type { OpenLoop } from './open-loop.ts';
import type { WorkerContext } from './resources.ts';

/** A context with an open loop. */
export interface StepContext extends WorkerContext {
  loop: OpenLoop;
}

/** A context while nothing else is measured on this machine. */
export interface HeldContext extends Omit<StepContext, 'machineLock'> {
  sandbox: HeldSandbox;
}

/** Does work while nothing else is measured on this machine. */
export function exclusively<T>(context: StepContext, work: (held: HeldContext) => Promise<T>): Promise<T> {
  return context.machineLock.exclusively((sandbox) => work({ ...context, sandbox }));
}
