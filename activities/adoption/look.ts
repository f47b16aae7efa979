import { getClient } from '@temporalio/activity';
import type { Selves } from '../../domain/adoption/selves.ts';
import { cameToNothing, outcomesProblem } from '../../domain/adoption/trial.ts';
import { workflowTypes } from '../../domain/names.ts';
import type { IterationResult } from '../../domain/steps.ts';

/** Iterations that are looked at, the newest. */
const maxLooked = 50;
/** An iteration may take so much longer than the longest before the trial, with a minute to spare. */
const slowFactor = 3;

interface Seen {
  isLoopOpen: boolean;
  /** Iterations that began and ended during the trial. */
  ended: number;
  problem: string | null;
}

interface Iteration {
  workflowId: string;
  runId: string;
  status: { name: string };
  startTime: Date;
  closeTime?: Date;
}

/** Looks at what this worker's loops came to during the trial. */
export async function look(queue: string, { since }: NonNullable<Selves['trial']>): Promise<Seen> {
  const { workflow } = getClient();
  const ofType = (type: string) => `WorkflowType = "${type}" AND TaskQueue = "${queue}"`;
  const open = await workflow.count(`${ofType(workflowTypes.loop)} AND ExecutionStatus = "Running"`);
  const began = Date.parse(since);
  const iterations: Iteration[] = [];
  for await (const one of workflow.list({ query: ofType(workflowTypes.iteration), pageSize: maxLooked })) {
    if (iterations.push(one) >= maxLooked) break;
  }
  const during = iterations.filter(({ startTime }) => startTime.getTime() >= began);
  const earlier = iterations.filter(({ closeTime }) => closeTime && closeTime.getTime() < began);
  const ended = during.filter(({ status }) => status.name !== 'RUNNING').length;
  const problem = (await failureIn(during)) ?? slownessIn(during, earlier) ?? (await pointlessness(during, earlier));
  return { isLoopOpen: open.count > 0, ended, problem };
}

async function failureIn(during: readonly Iteration[]): Promise<string | null> {
  const broken = during.find(({ status }) => !['RUNNING', 'COMPLETED', 'CANCELLED'].includes(status.name));
  if (broken) return `${broken.workflowId} ended as ${broken.status.name}`;
  const lost = (await resultsOf(during)).find(({ reason }) => reason === 'infrastructure');
  return lost ? `${lost.workflowId} failed by infrastructure: ${lost.detail}` : null;
}

function slownessIn(during: readonly Iteration[], earlier: readonly Iteration[]): string | null {
  const msOf = ({ startTime, closeTime }: Iteration) => (closeTime?.getTime() ?? Date.now()) - startTime.getTime();
  const longest = earlier.length > 0 ? Math.max(...earlier.map(msOf)) * slowFactor + 60_000 : Infinity;
  const slow = during.find((one) => msOf(one) > longest);
  return slow ? `${slow.workflowId} takes ${slowFactor} times as long as any before` : null;
}

/** Reads the earlier results only where those on trial say nothing good. */
async function pointlessness(during: readonly Iteration[], earlier: readonly Iteration[]): Promise<string | null> {
  const reasons = (await resultsOf(during)).map(({ reason }) => reason);
  if (!reasons.every(cameToNothing)) return null;
  return outcomesProblem(
    (await resultsOf(earlier)).map(({ reason }) => reason),
    reasons,
  );
}

/** Results of the iterations that came to an end. */
function resultsOf(iterations: readonly Iteration[]): Promise<(IterationResult & { workflowId: string })[]> {
  const { workflow } = getClient();
  const completed = iterations.filter(({ status }) => status.name === 'COMPLETED');
  return Promise.all(
    completed.map(async ({ workflowId, runId }) => {
      const result = (await workflow.getHandle(workflowId, runId).result()) as IterationResult;
      return { ...result, workflowId };
    }),
  );
}
