import type { LoopConfig } from '../../domain/config/loop-config.ts';

/** Leaves out what only iterations need and a worker must allow: the source, held-out tests, side metrics. */
export function benchmarkOnly({ guard: _guard, ...config }: LoopConfig): LoopConfig {
  return testsAndBenchmark(config);
}

/** Leaves held-out tests in: what stands alone has to pass them too. */
export function testsAndBenchmark(config: LoopConfig): LoopConfig {
  return { ...config, sideMetrics: [], hypothesis: { source: 'embedded', contextTokens: 512, repairs: 0 } };
}
