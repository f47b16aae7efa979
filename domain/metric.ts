import type { LoopConfig } from './config.ts';

export type Metric = LoopConfig['benchmark']['metric'];
export type MetricReading = { ok: true; value: number } | { ok: false; problem: string };

const plainDecimal = /^[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?$/;

/** Reads the metric from a command's standard output: exactly one match, a plain finite decimal above 0. Never throws. */
export function readMetric(stdout: string, metric: NonNullable<Metric>): MetricReading {
  const found = 'pattern' in metric ? byPattern(stdout, metric.pattern) : byPointer(stdout, metric.pointer);
  if (typeof found !== 'string') return { ok: false, problem: found.problem };
  if (!plainDecimal.test(found))
    return { ok: false, problem: `benchmark.metric: "${found.slice(0, 40)}" is not a plain decimal number; print one such as 12.5` };
  const value = Number(found);
  if (!Number.isFinite(value) || value <= 0) return { ok: false, problem: `benchmark.metric: ${found.slice(0, 40)} is not above 0; print a number above 0` };
  return { ok: true, value };
}

function byPattern(stdout: string, pattern: string): string | { problem: string } {
  const matches = [...stdout.matchAll(new RegExp(pattern, 'gm'))];
  if (matches.length === 0) return { problem: `benchmark.metric.pattern: no line of the output matches ${pattern}; print the metric once` };
  if (matches.length > 1)
    return { problem: `benchmark.metric.pattern: ${matches.length} places of the output match ${pattern}; print the metric exactly once` };
  return matches[0]![1] ?? '';
}

function byPointer(stdout: string, pointer: string): string | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    return { problem: 'benchmark.metric.pointer: the output is not JSON; print one JSON document' };
  }
  for (const part of pointer.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return typeof value === 'number' ? String(value) : { problem: `benchmark.metric.pointer: the output has no number at ${pointer}; print it there` };
}
