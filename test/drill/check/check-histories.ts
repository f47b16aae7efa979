import type { Client } from '@temporalio/client';
import { activityRuns, continuedTo, type ActivityRun } from './history.ts';
import type { EndedLoop } from '../drill.ts';
import type { Execution } from './executions.ts';

/** The clock of the server and that of a worker are those of one machine, but not read at once, in ms. */
const clockMs = 5;

/** Steps that are not done again where a host is lost with all that the others made. */
const lasting: readonly string[] = ['hypothesize', 'commit', 'rollback'];

/**
 * Holds what the server recorded of each loop and iteration beside what its workers did.
 * @param lostHosts loops of which a host was lost for good: their iterations may begin again
 */
export async function checkHistories(
  client: Client,
  loops: readonly Pick<EndedLoop, 'loopId' | 'result'>[],
  executions: readonly Execution[],
  lostHosts: ReadonlySet<string> = new Set(),
): Promise<{ violations: string[]; repeatedAttempts: number }> {
  const violations: string[] = [];
  const starts = groupBy(
    executions.filter(({ event }) => event === 'start'),
    ({ runId, activityId }) => `${runId} ${activityId}`,
  );
  let repeatedAttempts = 0;
  const judge = (run: ActivityRun) => {
    const what = `${run.workflowId} ${run.type}`;
    const began = starts.get(`${run.runId} ${run.activityId}`) ?? [];
    repeatedAttempts += Math.max(0, began.length - 1);
    const attempts = began.map(({ attempt }) => attempt);
    if (new Set(attempts).size < attempts.length)
      violations.push(`${what}: attempts ${attempts.join(', ')}: one was run twice`);
    if (run.completedAt !== null && began.some(({ at }) => at > run.completedAt! + clockMs))
      violations.push(`${what}: was run again after it had completed`);
    if (run.completedAt === null && run.failure === null) violations.push(`${what}: has neither completed nor failed`);
  };
  for (const { loopId, result } of loops) {
    for (const run of await runsOf(client, loopId)) judge(run);
    for (let iteration = 1; iteration <= (result?.iteration ?? 0); iteration++) {
      const workflowId = `${loopId}/iter-${iteration}`;
      const runs = await runsOf(client, workflowId);
      runs.forEach(judge);
      // An iteration without repairs schedules each step once, and never again once it has completed.
      const completed = runs.filter(({ completedAt }) => completedAt !== null).map(({ type }) => type);
      const once = lostHosts.has(loopId) ? completed.filter((type) => lasting.includes(type)) : completed;
      const twice = once.filter((type, index) => once.indexOf(type) !== index);
      if (twice.length > 0) violations.push(`${workflowId}: completed twice: ${twice.join(', ')}`);
      const { status } = await client.workflow.getHandle(workflowId).describe();
      if (status.name !== 'COMPLETED') violations.push(`${workflowId}: is ${status.name}`);
    }
  }
  return { violations, repeatedAttempts };
}

/** The activities of a workflow, over all of its runs that continued as new. */
async function runsOf(client: Client, workflowId: string): Promise<ActivityRun[]> {
  const runs: ActivityRun[] = [];
  let runId: string | undefined = await firstRunOf(client, workflowId);
  while (runId) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push(...activityRuns(history, workflowId, runId));
    runId = continuedTo(history);
  }
  return runs;
}

async function firstRunOf(client: Client, workflowId: string): Promise<string> {
  const { raw, runId } = await client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.firstRunId || runId;
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}
