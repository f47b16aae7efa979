/** Task queue that all workers poll but those which a command started on a server of others. */
export const sharedQueue = 'karpathy-loop';

/** The queue of one worker, for what needs the files of its host. */
export function queueOf(workerId: string): string {
  return `${sharedQueue}/${workerId}`;
}
