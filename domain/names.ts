/** Task queue of all workers, except those that a command started on somebody else's server. */
export const sharedQueue = 'karpathy-loop';

/** Returns the queue of one worker, for steps that need the files of its host. */
export function queueOf(workerId: string): string {
  return `${sharedQueue}/${workerId}`;
}

/** Workflow id of the adoptions of one worker, one at a time. */
export function adoptionIdOf(queue: string): string {
  return `adoption-${queue.split('/').at(-1)}`;
}

/** Names of the functions that workflows/index.ts exports. */
export const workflowTypes = {
  loop: 'karpathyLoop',
  iteration: 'karpathyIteration',
  verify: 'karpathyVerify',
  pick: 'karpathyPick',
  doctor: 'karpathyDoctor',
  adoption: 'karpathyAdoption',
} as const;

/** Workflow id of an iteration; a loop's workflow id is the loop's id itself. */
export type IterationId = `${string}/iter-${number}`;

export function iterationId(loopId: string, iteration: number): IterationId {
  return `${loopId}/iter-${iteration}`;
}

/** Reads an iteration's workflow id; null for any other id. */
export function parseIterationId(workflowId: string): { loopId: string; iteration: number } | null {
  const [, loopId, iteration] = /^(.*)\/iter-(\d+)$/.exec(workflowId) ?? [];
  return loopId === undefined ? null : { loopId, iteration: Number(iteration) };
}

/** Trailer of a loop's commits that names the loop. */
export const loopTrailer = 'Loop';

/** Path at which the sandbox shows a command its tree. */
export const treeMount = '/repo';
