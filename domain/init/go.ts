import { goBenchmark } from './go-benchmark.ts';
import { firstCount, printed, type Found, type FoundBenchmark, type RepositoryFacts } from './plan.ts';
import { sourceGlobs } from './sources.ts';

/** Keeps Go's cache in the tree: the home of a run is read-only. */
const environment = 'GOCACHE=$PWD/.gocache GOFLAGS=-mod=mod';

/** Finds out a module of Go; null where there is no go.mod. */
export function findGo(facts: RepositoryFacts): Found | null {
  const { files, texts } = facts;
  const manifest = texts.get('go.mod');
  if (manifest === undefined) return null;
  const tests = files.filter((path) => path.endsWith('_test.go'));
  const needs = /^\s*require\b/m.test(manifest) && !files.some((path) => path.startsWith('vendor/'));
  // Go takes it unasked only where go.mod names version 1.14 or newer.
  const isVendored = needs || files.includes('vendor/modules.txt');
  const directories = [...new Set(tests.map((path) => directoryOf(path)))];
  const benchmark = ownBenchmark(facts, tests) ?? writtenBenchmark(facts, tests) ?? repeatedTests(facts, tests);
  const compile = [
    ...new Set([
      ...directories.map((place) => compileTest(place)),
      ...(benchmark ? [compileTest(benchmark.directory)] : []),
    ]),
  ];
  // Go fails where it cannot write its index of directories, and in a candidate's build the cache is read-only.
  const forBuild = `GODEBUG=goindex=0 GOCACHE=$PWD/.gocache${isVendored ? ' GOFLAGS=-mod=vendor' : ''}`;
  const build = `export ${forBuild} && ${compile.join(' && ')}`;
  return {
    language: 'Go',
    editable: sourceGlobs(files, /(?<!_test)\.go$/),
    // Go's cache goes by content: a candidate compiles what it changes, and not the standard library each time.
    setup: {
      command: `${needs ? `${environment} GOMODCACHE=$TMPDIR/modules go mod vendor && ` : ''}${build}`,
      provided: ['.gocache', ...(needs ? ['vendor'] : [])],
      why: needs
        ? 'since go.mod requires modules, and for a cache of what no edit changes'
        : 'for a cache of what no edit changes',
      needsNetwork: needs,
    },
    build: { command: build, why: 'once for all runs of a candidate' },
    test:
      tests.length === 0
        ? null
        : {
            command: directories.map(runTests).join(' && '),
            why: `the tests of ${directories.map((one) => one || 'the top').join(', ')}, built once`,
          },
    benchmark: benchmark && { ...benchmark },
    tools: ['go'],
    remedy: 'write a Benchmark function in a _test.go file, commit it, and type init again',
  };
}

function compileTest(directory: string): string {
  return `go test -c -o ${binary(directory)} ./${directory}`.replace(/\/$/, '');
}

function binary(directory: string): string {
  return `./.tests/${directory === '' ? 'top' : directory.replaceAll('/', '-')}.test`;
}

function runTests(directory: string): string {
  const cd = directory === '' ? '' : `cd ${directory} && `;
  const up =
    directory === ''
      ? ''
      : directory
          .split('/')
          .map(() => '../')
          .join('');
  const run = `${cd}${up}${binary(directory).slice(2)}`;
  return directory === '' ? `./${run} -test.v` : `(${run} -test.v)`;
}

type GoBenchmark = FoundBenchmark & { directory: string };

function ownBenchmark({ texts }: RepositoryFacts, tests: readonly string[]): GoBenchmark | null {
  const counted = tests.map((path) => ({
    path,
    count: (texts.get(path) ?? '').match(/^func Benchmark\w+\(b \*testing\.B\)/gm)?.length ?? 0,
  }));
  const [most] = counted.filter(({ count }) => count > 0).sort((one, other) => other.count - one.count);
  if (!most) return null;
  const directory = directoryOf(most.path);
  return { ...benchmarkOf(directory, '.'), why: `of ${most.path}, with a fixed number of repeats`, directory };
}

function benchmarkOf(directory: string, pattern: string): Pick<FoundBenchmark, 'config' | 'count'> {
  const run = runTests(directory)
    .replace(/ -test\.v\)?$/, '')
    .replace(/^\(/, '');
  const command = `${run} -test.run=^$ -test.bench=${pattern} -test.benchtime=100x`;
  return { config: { command, harness: 'go-bench' }, count: '100' };
}

function writtenBenchmark(facts: RepositoryFacts, tests: readonly string[]): GoBenchmark | null {
  const [test] = tests.filter((path) => !path.includes('example'));
  if (test === undefined) return null;
  const directory = directoryOf(test);
  const text = goBenchmark(facts, (path) => directoryOf(path) === directory);
  if (text === null) return null;
  const path = `${directory === '' ? '' : `${directory}/`}karpathy_loop_bench_test.go`;
  const base = benchmarkOf(directory, 'KarpathyLoop');
  return {
    ...base,
    config: { ...base.config, output: printed.output },
    why: 'written by init: what the tests call, with texts of theirs',
    files: [{ path, text }],
    directory,
  };
}

/** Runs the tests of the directory that has most of them over and over; they check what they compute. */
function repeatedTests({ texts }: RepositoryFacts, tests: readonly string[]): GoBenchmark | null {
  const [most] = [...tests].sort((one, other) => (texts.get(other) ?? '').length - (texts.get(one) ?? '').length);
  if (most === undefined) return null;
  const directory = directoryOf(most);
  const run = runTests(directory)
    .replace(/ -test\.v\)?$/, '')
    .replace(/^\(/, '');
  return {
    config: { command: `${run} -test.count=${firstCount}`, output: { pattern: '^(PASS)$' } },
    why: `the tests of ${directory || 'the top'}, repeated; their CPU time is the metric`,
    count: firstCount,
    directory,
  };
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
