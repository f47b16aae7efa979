/** Task queue that every worker polls. */
export const sharedQueue = 'karpathy-loop';

/** The queue of one worker, for what needs the files of its host. */
export function queueOf(workerId: string): string {
  return `${sharedQueue}/${workerId}`;
}
