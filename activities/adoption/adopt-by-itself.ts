import { readFile, realpath } from 'node:fs/promises';
import { getClient, log } from '@temporalio/activity';
import { fetchCommits } from '../../adapters/git/clone.ts';
import { gitOrNull } from '../../adapters/git/command.ts';
import { parseJson } from '../../adapters/json-text.ts';
import { ownFile } from '../../adapters/own-files.ts';
import { whyByPerson } from '../../domain/adoption/own-loop.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { adoptionIdOf, workflowTypes } from '../../domain/names.ts';
import { readOrder, readSelves, writeOrder } from '../../store/selves.ts';
import type { StepContext } from '../loop/context.ts';
import { judgeOf } from './context.ts';

/** As a person's command has them. */
const trial = { trialSeconds: 60, iterations: 3 };

interface Made {
  commit: string;
  iteration: number;
}

/** Orders the adoption of what the product's own loop has committed, where this worker's owner lets it. Never fails a commit. */
export async function adoptByItself(context: StepContext, made: Made): Promise<void> {
  try {
    const why = await order(context, made);
    if (why !== null) log.info('not adopted without a person', { commit: made.commit, why });
  } catch (error) {
    log.warn('cannot be adopted without a person', { commit: made.commit, error });
  }
}

/** @returns why not; null where it is ordered, or nobody asked. @internal */
export async function order({ worker, loop }: StepContext, { commit, iteration }: Made): Promise<string | null> {
  const { dataDirectory, queue, settings } = worker;
  if (settings.autoAdopt === undefined) return null;
  const { repository, clone, plan } = loop;
  if ((await realpath(settings.autoAdopt)) !== repository) return 'is of another repository';
  const file = ownFile('examples/self/loop.json');
  const json = parseJson(await readFile(file, 'utf8'), file);
  const own = json.ok ? parseLoopConfig({ repository, ...(json.value as object) }) : json;
  if (!own.ok) return own.problems.join('\n');
  const why = whyByPerson(plan.config, own.value);
  if (why !== null) return why;
  const judge = await judgeOf(await readSelves(dataDirectory));
  await fetchCommits(clone, repository, [judge, plan.baseSha]);
  // What lies between could have been committed on any terms.
  if ((await gitOrNull(clone, ['merge-base', '--is-ancestor', plan.baseSha, judge])) === null)
    return 'its loop began on another commit than the build that works';
  if ((await readOrder(dataDirectory))?.commit === commit) return 'was ordered before';
  const { workflow } = getClient();
  const workflowId = adoptionIdOf(queue);
  const { status } = await workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => {
      if ((error as Error).name === 'WorkflowNotFoundError') return { status: null };
      throw error;
    });
  if (status?.name === 'RUNNING') return 'another commit is being adopted';
  await writeOrder(dataDirectory, { repository, commit, ...trial, by: `loop ${plan.loopId}, iteration ${iteration}` });
  await workflow.start(workflowTypes.adoption, {
    ...{ workflowId, taskQueue: queue, args: [{ repository, commit }] },
    staticSummary: `adopt ${commit.slice(0, 12)} without a person`,
  });
  return null;
}
