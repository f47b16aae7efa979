import { fileURLToPath } from 'node:url';

/** One small pure function with known headroom: its tests and its checksum are its own. */
export interface Target {
  name: string;
  language: 'javascript' | 'python' | 'go';
  directory: string;
  /** The one editable file, in `directory`. */
  file: string;
  /** The hot function, and the benchmark's file that calls it. */
  hot: string;
  benchmarkFile: string;
  tools: string[];
  /** Shell commands, run in the target's directory: each ends with 0 where all is well. */
  syntax: string;
  build: string;
  test: string;
  benchmark: string;
}

const at = (name: string) => fileURLToPath(new URL(`targets/${name}`, import.meta.url));

const node = (name: string, hot: string): Target => ({
  ...{ name, hot, language: 'javascript', directory: at(name), file: `${name}.mjs`, benchmarkFile: 'bench.mjs' },
  ...{ tools: ['node'], syntax: `node --check ${name}.mjs`, build: 'true' },
  ...{ test: `node --test ${name}.test.mjs`, benchmark: 'node bench.mjs' },
});

export const targets: readonly Target[] = [
  node('words', 'topWords'),
  node('intervals', 'mergeIntervals'),
  {
    ...{ name: 'medians', hot: 'moving_median', language: 'python', directory: at('medians') },
    ...{ file: 'medians.py', benchmarkFile: 'bench.py', tools: [] },
    syntax: `python3 -c 'import ast; ast.parse(open("medians.py").read())'`,
    ...{ build: 'true', test: 'python3 -m unittest -q test_medians', benchmark: 'python3 bench.py' },
  },
  {
    ...{ name: 'pairs', hot: 'CountPairs', language: 'go', directory: at('pairs') },
    ...{ file: 'pairs.go', benchmarkFile: 'bench/main.go', tools: ['go', 'gofmt'] },
    syntax: 'gofmt -e pairs.go',
    build: 'go build -o run-bench ./bench',
    ...{ test: 'go test -vet=off .', benchmark: './run-bench' },
  },
];
