import { checkCalls } from './check-calls.ts';
import { checkHistories } from './check-histories.ts';
import { checkRefs } from './check-refs.ts';
import { checkRepository } from './check-repository.ts';
import type { DrillOutcome } from '../drill.ts';
import { processesOf } from '../lane/process-tree.ts';

/** Result of a drill. */
export interface Finding {
  /** One line each; none is how it should be. */
  violations: string[];
  records: number;
  commits: number;
  /** Starts of an activity whose earlier attempt a kill took. */
  repeatedAttempts: number;
  /** Questions to a model that were asked again. */
  repeatedCalls: number;
  observations: number;
}

/**
 * Judges a drill from outside: by git's plumbing, the ledgers, the server's histories and what the workers left on disk. Nothing of the product is
 * asked.
 */
export async function checkDrill(outcome: DrillOutcome): Promise<Finding> {
  const { loops, server, executions, calls, observed, struck, faults, scratch } = outcome;
  const repositories = await Promise.all(loops.map((loop) => checkRepository(loop, loop.result)));
  const lostHosts = new Set(struck.filter(({ kill }) => kill.victim === 'host').map(({ kill }) => kill.loopId));
  const histories = await checkHistories(server.client, loops, executions, lostHosts);
  const asked = checkCalls(calls, struck, (loopId) => loops.find((loop) => loop.loopId === loopId)?.lane);
  const refs = await Promise.all(
    loops.map((loop) =>
      checkRefs(
        loop,
        observed.filter(({ loopId }) => loopId === loop.loopId),
        struck.some(({ kill }) => kill.loopId === loop.loopId && kill.at.endsWith(' torn')),
      ),
    ),
  );
  const left = await untilNone(() => processesOf(scratch).filter((line) => !line.includes('start-dev')));
  const ends = loops
    .filter(({ result }) => result === null)
    .map(({ loopId, problem }) => `${loopId}: did not end well: ${problem}`);
  return {
    violations: [
      ...ends,
      ...repositories.flatMap(({ violations }) => violations),
      ...histories.violations,
      ...asked.violations,
      ...refs.flat(),
      ...left.map((line) => `left running: ${line}`),
      ...faults.map((fault) => `worker: ${fault}`),
    ],
    records: sum(repositories.map(({ records }) => records)),
    commits: sum(repositories.map(({ commits }) => commits)),
    repeatedAttempts: histories.repeatedAttempts,
    repeatedCalls: asked.repeated,
    observations: observed.length,
  };
}

/** Processes that end by themselves may take some seconds. */
async function untilNone(find: () => string[], seconds = 15): Promise<string[]> {
  const deadline = Date.now() + seconds * 1_000;
  while (find().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 300));
  return find();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
