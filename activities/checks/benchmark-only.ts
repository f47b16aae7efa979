import type { LoopConfig } from '../../domain/config/loop-config.ts';

/** A config without what only an iteration needs, and a worker would have to allow for it: who proposes, held-out tests, side metrics. */
export function benchmarkOnly(config: LoopConfig): LoopConfig {
  const bare: LoopConfig = {
    ...config,
    sideMetrics: [],
    hypothesis: { source: 'embedded', contextTokens: 512, repairs: 0 },
  };
  delete bare.guard;
  return bare;
}
