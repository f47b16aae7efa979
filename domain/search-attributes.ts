/** Search attributes of Temporal that loops and iterations are found by; a server may lack them. */
export const searchAttributes = {
  /** Id of the loop, on the loop and its iterations, as the repository is. */
  loop: { name: 'KarpathyLoop', type: 'KEYWORD' },
  repository: { name: 'KarpathyRepository', type: 'KEYWORD' },
  /** Of an iteration that has ended. */
  outcome: { name: 'KarpathyOutcome', type: 'KEYWORD' },
  reason: { name: 'KarpathyReason', type: 'KEYWORD' },
  /** Measured gain in per cent, below 0 for a loss: of an iteration, or of an ended loop as a whole. */
  improvement: { name: 'KarpathyImprovement', type: 'DOUBLE' },
} as const;
