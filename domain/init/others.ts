import type { Found, FoundBenchmark, RepositoryFacts } from './plan.ts';
import { firstCount, printed } from './plan.ts';
import { rustBenchmark } from './rust-benchmark.ts';
import { sourceGlobs } from './sources.ts';

/** A member of a workspace would build at the top of it. */
const cargo = 'CARGO_HOME=$PWD/.cargo-home CARGO_TARGET_DIR=$PWD/target';

/** Finds out a package of Rust; null where there is no Cargo.toml. */
export function findRust(facts: RepositoryFacts): Found | null {
  const { files, texts, top } = facts;
  const manifest = texts.get('Cargo.toml');
  if (manifest === undefined) return null;
  const hasLock = files.includes('Cargo.lock');
  const needs = /^\[(workspace\.)?(dev-)?dependencies/m.test(manifest);
  const found = ownBenchmark(files, texts) ?? writtenBenchmark(facts);
  const builds = [
    'build --examples',
    'test --no-run',
    ...(found?.bench ? [`bench --no-run --bench ${found.bench}`] : []),
  ];
  // Cargo names them by a hash.
  const keep = found
    ? ''
    : ` && mkdir -p ${testPrograms} && cp $(find target/release/deps -type f -executable ! -name '*.so') ${testPrograms}`;
  return {
    language: 'Rust',
    editable: sourceGlobs(files, /\.rs$/).filter((glob) => glob !== 'build.rs'),
    ...(needs && {
      setup: {
        command: `${cargo} cargo fetch${hasLock ? ' --locked' : ''}`,
        provided: ['.cargo-home', ...(hasLock || top ? [] : ['Cargo.lock'])],
        why: 'since Cargo.toml names dependencies',
        needsNetwork: true,
      },
    }),
    build: {
      command:
        builds
          .map((one) => `${cargo} cargo ${one} --offline${one.startsWith('bench') ? '' : ' --release'}`)
          .join(' && ') + keep,
      why: 'once for all runs of a candidate',
    },
    test: { command: `${cargo} cargo test --release --offline`, why: 'the tests of Cargo.toml' },
    benchmark: found ?? repeatedTests(facts),
    tools: ['cargo', 'rustc', 'rustdoc'],
    remedy: 'write examples/bench.rs as in docs/quick-start.md, commit it, and type init again',
  };
}

const testPrograms = '.tests';

/** Runs the programs of the tests over and over; what they print at their end, but for the time, is the result. */
function repeatedTests({ files, texts }: RepositoryFacts): FoundBenchmark | null {
  const hasTests = files.some((path) => path.endsWith('.rs') && /#\[(\w+::)?test\]/.test(texts.get(path) ?? ''));
  if (!hasTests) return null;
  const run = `for one in ${testPrograms}/*; do "$one" -q --test-threads=1; done`;
  const command = `for round in $(seq ${firstCount}); do ${run}; done | sed -n 's/; finished.*//p' | cksum | sed 's/^/CHECK /'`;
  return {
    config: { command, output: printed.output },
    why: 'the tests, repeated; their CPU time is the metric',
    count: firstCount,
  };
}

/** A program of a fixed amount of work, else a benchmark of Criterion, whose name is `bench`. */
function ownBenchmark(
  files: readonly string[],
  texts: RepositoryFacts['texts'],
): (FoundBenchmark & { bench?: string }) | null {
  const name = (path: string) => path.replace(/^.*\//, '').replace(/\.rs$/, '');
  const program = files.find((path) => /^(src\/bin|examples)\/bench\w*\.rs$/.test(path));
  if (program !== undefined) {
    const place = program.startsWith('examples') ? 'examples/' : '';
    const config = { command: `./target/release/${place}${name(program)}`, output: printed.output };
    return { config, why: `which ${program} builds; its CPU time is the metric` };
  }
  const criterion = files.find((path) => /^benches\/[^/]+\.rs$/.test(path) && /criterion/.test(texts.get(path) ?? ''));
  if (criterion === undefined) return null;
  const bench = name(criterion);
  return {
    config: {
      command: `${cargo} cargo bench --offline --bench ${bench} -- --noplot`,
      harness: 'criterion',
      clock: 'none',
    },
    why: `of ${criterion}; Criterion goes by a clock, so that none of the loop's can see a gain`,
    bench,
  };
}

function writtenBenchmark(facts: RepositoryFacts): (FoundBenchmark & { bench?: string }) | null {
  const text = rustBenchmark(facts);
  if (text === null) return null;
  const name = 'bench_karpathy_loop';
  return {
    config: { command: `./target/release/examples/${name} ${firstCount}`, output: printed.output },
    why: 'written by init: what the tests call, with texts of theirs; its CPU time is the metric',
    files: [{ path: `examples/${name}.rs`, text }],
    count: firstCount,
  };
}

/** Finds out what a Makefile tells; null where there is none. */
export function findMake({ files, texts }: RepositoryFacts): Found | null {
  const makefile = ['Makefile', 'makefile', 'GNUmakefile'].find((name) => files.includes(name));
  if (!makefile) return null;
  const text = texts.get(makefile) ?? '';
  const target = (names: string) => new RegExp(`^(${names})\\s*:(?!=)`, 'm').exec(text)?.[1];
  const [test, bench] = [target('test|check|tests'), target('bench|benchmark|benchmarks')];
  const isBuilt = target('all|build') ?? null;
  return {
    language: 'a Makefile',
    editable: sourceGlobs(files, /\.(c|cc|cpp|cxx|h|hpp|zig|nim|hs|ml|d|s|f90)$/),
    ...(isBuilt && { build: { command: `make ${isBuilt}`, why: `from ${makefile}` } }),
    test: test ? { command: `make ${test}`, why: `from ${makefile}` } : null,
    benchmark: bench
      ? { config: { command: `make --silent ${bench}` }, why: `from ${makefile}; its CPU time is the metric` }
      : null,
    remedy: `add a target "bench" to ${makefile}, commit it, and type init again`,
  };
}
