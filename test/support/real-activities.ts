import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import type { Checks } from '../../domain/checks.ts';
import type { Steps } from '../../domain/steps.ts';
import { createResources } from './open-loop.ts';

type Activities = Steps & Checks;

/** The activities over a real sandbox and real git, each in a fresh mock context: heartbeats and cancellation as in a worker. */
export async function realActivities(dataDirectory: string, settings: object): Promise<Activities> {
  const activities = createActivities(await createResources(dataDirectory, settings));
  const wrap = (step: (input: never) => Promise<unknown>) => (input: never) =>
    new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') }).run(step, input);
  return Object.fromEntries(
    Object.entries(activities).map(([name, step]) => [name, wrap(step as (input: never) => Promise<unknown>)]),
  ) as unknown as Activities;
}

/** Takes the loop of one iteration from its preparation to the end of that iteration, and returns the champion after it. */
export async function iterate(
  steps: Steps,
  { loopId, repository, champion }: { loopId: string; repository: string; champion: string },
  iteration: number,
  hypothesis: Parameters<Steps['apply']>[0]['hypothesis'],
): Promise<string> {
  const ref = { loopId, repository, champion, iteration, startedAt: '2026-01-02T03:04:05.000Z' };
  const applied = await steps.apply({ ...ref, hypothesis });
  if (applied.kind !== 'applied') throw new Error(applied.detail);
  const benchmarked = await steps.benchmark({ ...ref, tree: applied.tree });
  if (benchmarked.kind !== 'judged') throw new Error(benchmarked.detail);
  await steps.challenge({ ...ref, tree: applied.tree });
  const facts = { ...ref, hypothesis, tree: applied.tree, verdict: benchmarked.verdict, attempts: 1, tokens: 0 };
  const committed = await steps.commit(facts);
  if (committed.kind !== 'committed') throw new Error(committed.detail);
  return committed.commit;
}
