import { runOutside } from '../../adapters/adoption/run-outside.ts';
import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import { toLine } from '../../domain/text.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { buildOf, openAdoption } from './context.ts';

const maxSeconds = 3 * 3600;

/** Runs the whole suite on the build, outside of the sandbox: from here on its code runs as the worker does. */
export async function examine(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  await openAdoption(context, ref);
  const { machineLock, signal } = context;
  const suite = { directory: buildOf(context, ref.commit), program: 'scripts/test.mjs', args: [] };
  context.say('the whole suite');
  const began = performance.now();
  const { passed, tail } = await machineLock.exclusively(() => runOutside(suite, { seconds: maxSeconds, signal }));
  signal.throwIfAborted();
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  return passed
    ? { kind: 'passed', facts: `the suite passed outside, in ${minutes} min` }
    : { kind: 'failed', detail: `the suite fails: ${toLine(tail.slice(-600), 600)}` };
}
