import { quoteWords } from '../text.ts';
import type { LoopConfig } from './loop-config.ts';

/** Moves globs, paths and commands that begin in `directory` to the top of the repository, once. */
export function fromTop(config: LoopConfig): LoopConfig {
  const directory = config.directory.replace(/^(\.\/)+|\/+$/g, '');
  if (directory === '' || directory === '.') return { ...config, directory: '.' };
  const path = (one: string) => `${directory}/${one.replace(/^(\.\/)+/, '')}`;
  const glob = (one: string) => (/^!(?!\()/.test(one) ? `!${path(one.slice(1))}` : path(one));
  const place = `cd ${quoteWords([directory])} && `;
  const { setup, build, benchmark } = config;
  const measured = <T extends { command: string; reader?: string | undefined }>(one: T): T => ({
    ...one,
    command: place + one.command,
    ...(one.reader !== undefined && { reader: place + one.reader }),
  });
  return {
    ...config,
    directory: '.',
    editable: config.editable.map(glob),
    provided: config.provided.map(path),
    unprotected: config.unprotected.map(path),
    ...(setup !== undefined && { setup: place + setup }),
    ...(build !== undefined && { build: place + build }),
    test: place + config.test,
    benchmark: measured(benchmark),
    sideMetrics: config.sideMetrics.map(measured),
  };
}

/** Reads the metric as the harness prints it. */
export function withHarness(config: LoopConfig): LoopConfig {
  const { harness, ...benchmark } = config.benchmark;
  if (harness === undefined) return config;
  return {
    ...config,
    benchmark: { floor: 0.1, ...benchmark, harness, metric: { harness }, unit: 'ns', better: 'lower' },
  };
}

export function* harnessProblems(input: object, { harness, floor }: LoopConfig['benchmark']): Generator<string> {
  const { metric } = (input as { benchmark: { metric?: { harness?: unknown } } }).benchmark;
  if (harness !== undefined && metric !== undefined && metric.harness !== harness)
    yield `benchmark.harness: "${harness}" is given beside a metric, and it says where the number is; remove one of the two`;
  if (harness === undefined && floor !== undefined)
    yield `benchmark.floor: is for the members of a "harness"; name it, or remove this`;
}
