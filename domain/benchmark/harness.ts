/** A harness that goes on until a time has passed unless it is told otherwise. */
type Harness = [
  name: string,
  /** In the command, the files that it names, or the output. */
  pattern: RegExp,
  /** How it does a fixed amount of work. */
  fixed: string,
  /** The same where it is told so; absent where runs alone show it. */
  isTold?: RegExp,
];

const plain = 'call the measured function a fixed number of times in a program of its own';

const harnesses: Harness[] = [
  ['vitest bench', /\bvitest bench\b/, 'bench(name, fn, { iterations: 100, time: 0, warmupTime: 0 })', /\btime: ?0\b/],
  [
    'tinybench',
    /\btinybench\b|Task [Nn]ame.*(?:Latency|ops\/sec)/,
    'new Bench({ iterations: 100, time: 0, warmupIterations: 10, warmupTime: 0 })',
    /\btime: ?0\b/,
  ],
  [
    'mitata',
    /\bmitata\b|^clk: ~/m,
    'measure(fn, { min_samples: 100, max_samples: 100, min_cpu_time: 0 })',
    /min_cpu_time: ?0/,
  ],
  ['benchmark.js', /\(\d+ runs? sampled\)|['"]benchmark['"]/, plain],
  ['Criterion', /\bcriterion\b|\btime:\s+\[.* .* .*\]/i, plain],
  ['cargo bench', /\bcargo\b.* bench\b|bench:\s+[\d,.]+ ns\/iter/, plain],
  [
    'testing.B',
    /\bgo test\b.*-bench\b|-test\.bench\b|^Benchmark\S*\s+\d+\s+[\d.]+ ns\/op/m,
    '-benchtime=100x',
    /-(?:test\.)?benchtime[= ]\d+x/,
  ],
  [
    'pytest-benchmark',
    /--benchmark-|\bpytest[-_]benchmark\b|^-+ benchmark: \d+ tests -+/m,
    '--benchmark-min-rounds=100 --benchmark-max-time=0, or benchmark.pedantic(f, rounds=100)',
    /--benchmark-max-time[= ]0|--benchmark-disable|\.pedantic\(/,
  ],
  ['timeit', /\btimeit\b/, '-n 100 -r 5, or timeit.repeat(number=100)'],
  ['pyperf', /\bpyperf\b/, '--loops=100 --values=3 --processes=1'],
  [
    'Google Benchmark',
    /--benchmark_|^Benchmark\s+Time\s+CPU\s+Iterations/m,
    '--benchmark_min_time=100x',
    /--benchmark_min_time=\d+x|->Iterations\(/,
  ],
  ['JMH', /\bjmh\b|^# Measurement: \d+ iterations/im, '-bm ss'],
  ['BenchmarkDotNet', /\bBenchmarkDotNet\b/, '--strategy Monitoring --invocationCount 160'],
  ['hyperfine', /\bhyperfine\b/, '--runs 10'],
  ['benchmark-ips', /\bbenchmark[-/]ips\b|\bBenchmark\.ips\b/, 'Benchmark.realtime round a fixed number of calls'],
  ['autocannon', /\bautocannon\b/, '--amount 1000'],
  ['k6', /\bk6 run\b/, '--iterations 1000'],
  ['wrk', /\b(?:wrk2?|bombardier|oha|hey)\b/, 'a load generator with a number of requests (hey -n, oha -n)'],
];

/**
 * Finds the harness of a benchmark; its name is null where none is known.
 * @param texts the command, files that it names, its output
 */
export function harnessOf(texts: readonly string[]): { name: string | null; isTimed: boolean } {
  const among = (pattern: RegExp) => texts.some((text) => pattern.test(text));
  const [name = null, , , isTold] = harnesses.find(([, pattern]) => among(pattern)) ?? [];
  return { name, isTimed: isTold !== undefined && !among(isTold) };
}

/** Tells how a benchmark does a fixed amount of work. @param name of a harness, or null */
export function fixedWork(name: string | null): string {
  const [, , fixed] = harnesses.find((harness) => harness[0] === name) ?? [];
  return fixed ? `${fixed} (${name})` : 'a fixed number of repeats, not as many as fit into a time';
}
