import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../../adapters/glob.ts';
import { commandFiles, isNamed } from '../../../../domain/protection/readers/command-files.ts';

const scripts = { perf: 'node perf.mjs', bench2: 'npm run perf -- --quick' };
const names = (command: string, path: string) => isNamed(path, commandFiles([command], { '': scripts }), matchesGlob);

describe('commandFiles', () => {
  it.each([
    ...[
      'node perf.mjs',
      'node perf',
      'node ./perf.mjs',
      '/usr/bin/node /repo/perf.mjs',
      'node "$PWD/perf.mjs"',
      'node ${PWD}/perf.mjs',
    ],
    ...[
      'node "$(pwd)/perf.mjs"',
      'node `pwd`/perf.mjs',
      'node "$ROOT/perf.mjs"',
      'node $(git rev-parse --show-toplevel)/perf.mjs',
    ],
    ...[
      "bash -lc 'node perf.mjs'",
      "sh -ec 'set -x; node perf.mjs'",
      'bash -c "cd . && node perf.mjs"',
      'eval "node perf.mjs"',
      'bash -c ./perf.mjs',
    ],
    ...[
      'echo "METRIC b=$(node perf.mjs)"',
      'echo "METRIC b=`node perf.mjs`"',
      'echo METRIC b=$(node perf.mjs | tail -1)',
      'x="$(echo $(node perf.mjs))"',
    ],
    ...[
      'node --env-file .env perf.mjs',
      'node -C dev perf.mjs',
      'node --import tsx perf.mjs',
      'node -r ./hook.js perf.mjs',
      'node -r./perf.mjs -e 0',
    ],
    ...[
      'timeout -s KILL 60 node perf.mjs',
      'taskset -c 0,1 node perf.mjs',
      'env -u X node perf.mjs',
      'time -f %e node perf.mjs',
      'sudo -u me node perf.mjs',
    ],
    ...[
      'echo perf.mjs | xargs node',
      'perf stat -e cycles node perf.mjs',
      'npx -p tsx tsx perf.mjs',
      'uv run perf.mjs',
      'hyperfine -N "node perf.mjs"',
    ],
    ...[
      'npm run perf',
      'npm run bench2',
      'npm --loglevel error run perf',
      'npm -s run perf',
      'yarn --silent perf',
      'pnpm -s perf',
      'bun run perf',
    ],
    ...[
      'node --run perf',
      'npx run-s lint perf',
      'concurrently "npm:perf"',
      '(cd x && true); node perf.mjs',
      'pushd x; popd; node perf.mjs',
    ],
    ...[
      'if [ -f perf.mjs ]; then node perf.mjs; fi',
      'for f in perf; do node $f.mjs; done',
      'SCRIPT=perf.mjs; node "$SCRIPT"',
      'NODE_OPTIONS="--import ./perf.mjs" x',
    ],
    ...[
      'cat perf.mjs | node',
      'cat perf.mjs | node --input-type=module -',
      'node < perf.mjs',
      'node run.mjs perf.mjs',
      "bash <<'EOF'\nnode perf.mjs\nEOF",
    ],
    ...[
      'node *.mjs',
      'node --test p*.mjs',
      'gcc x.c -o size && node perf.mjs',
      'node src/../perf.mjs',
      'METRIC=1 exec node perf.mjs',
      'node --cpu-prof --x=perf.mjs',
    ],
  ])('finds perf.mjs in: %s', (command) => expect(names(command, 'perf.mjs')).toBe(true));

  it.each<[string, string]>([
    ['python -W ignore perf.py', 'perf.py'],
    ['python -X dev perf.py', 'perf.py'],
    ['ruby -I lib perf.rb', 'perf.rb'],
    ['PYTHONPATH=src python -m pkg.perf', 'src/pkg/perf.py'],
    ['python -m pkg.perf', 'pkg/perf/__main__.py'],
    ['uv run python -m pkg.perf', 'src/pkg/perf.py'],
    ['coverage run -m pkg.perf', 'src/pkg/perf.py'],
    ['python -m unittest checks.more.TestOne.test_two', 'checks/more.py'],
    ['pytest checks/more.py::one', 'checks/more.py'],
    ['cargo run --release --bin perf', 'src/bin/perf.rs'],
    ['cargo run --example=perf', 'tool/examples/perf/main.rs'],
    ['cargo build --release --examples && ./target/release/examples/perf', 'examples/perf.rs'],
    ['cargo run --release', 'src/main.rs'],
    ['go run ./cmd/perf -n 5', 'cmd/perf/other.go'],
    ['go run .', 'main.go'],
    ['go run perf.go', 'perf.go'],
    ['cd tools && node perf', 'tools/perf/index.mjs'],
    ['cd tools/a && node ../perf.mjs', 'tools/perf.mjs'],
    ['make -C tools; yarn --cwd tools node perf.mjs', 'tools/perf.mjs'],
    ['node perf/$NAME.mjs', 'perf/one.mjs'],
    ['awk -f tools/measure.awk src/a.js', 'tools/measure.awk'],
    ['java Perf.java', 'Perf.java'],
    ['swift perf.swift', 'perf.swift'],
  ])('finds in "%s" the file %s', (command, path) => expect(names(command, path)).toBe(true));

  it.each([
    ...[
      'gcc -O2 src/a.js -o a && ./b',
      'wc -c < src/a.js',
      'cat src/*.js | gzip -9 | wc -c',
      'echo "METRIC b=$(wc -c < src/a.js)"',
      "bash -lc 'wc -c < src/a.js'",
    ],
    ...[
      'npx terser src/a.js -c | wc -c',
      'mkdir out && cp src/a.js out/',
      'npx esbuild src/a.js --bundle --outfile=dist.js',
      'node --check src/a.js',
      'time -f %e tsc src/a.js',
      'bun build src/a.js',
    ],
    ...[
      'node -e "require(\'./src/a.js\')()"',
      "python -m timeit -s 'import src.a' 'src.a.f()'",
      "node --input-type=module <<'EOF'\nimport './src/a.js';\nEOF",
    ],
    ...[
      'npx eslint src/a.js "src/**" && node perf.mjs',
      'node perf.mjs "src/**/*.js"',
      'sed -n "s/^x//p" src/a.js',
      'find src -name "*.js" | xargs cat | wc -c',
    ],
    ...[
      'npm run perf',
      'go test ./...',
      'cargo build --release',
      'node perf.mjs src',
      'echo "2 * 3" | bc',
      'expr 2 \\* 3',
      'python perf.py --in "$X"',
    ],
  ])('leaves src/a.js to be improved in: %s', (command) => expect(names(command, 'src/a.js')).toBe(false));

  it('finds a program however it is wrapped, quoted and told', () => {
    const wrap = fc.constantFrom<(command: string) => string>(
      ...[
        (c: string) => `timeout -k 5 60 ${c}`,
        (c: string) => `env -u X A=b ${c}`,
        (c: string) => `(cd x; true) && ${c}`,
        (c: string) => `if true; then ${c}; fi`,
      ],
      ...[
        (c: string) => `echo "METRIC x=$(${c})"`,
        (c: string) => `echo x=$(${c} | tail -n 1)`,
        (c: string) => `nice -n 5 ${c} > /tmp/x; cat /tmp/x`,
      ],
    );
    const option = fc.constantFrom(
      '',
      '-C dev ',
      '--env-file .env ',
      '--import tsx ',
      '--max-old-space-size=99 ',
      '--title a ',
    );
    fc.assert(
      fc.property(
        fc.array(wrap, { maxLength: 5 }),
        option,
        fc.constantFrom('perf', 'perf.mjs', './perf.mjs', '"$PWD/perf.mjs"'),
        (wraps, options, program) => {
          const command = wraps.reduce((inner, one) => one(inner), `node ${options}${program}`);
          expect(names(command, 'perf.mjs'), command).toBe(true);
          if (!command.includes("'")) expect(names(`bash -lc '${command}'`, 'perf.mjs'), command).toBe(true);
        },
      ),
    );
  });

  it('ends on any command, however deep or long', () => {
    const odd = fc.stringMatching(/^[ab$()`"'\\ ;|/*.-]{0,60}$/);
    fc.assert(fc.property(odd, odd, (command, path) => typeof names(command, path) === 'boolean'));
    expect(names('$('.repeat(20_000), 'a')).toBe(false);
    expect(names('cd x; '.repeat(2_000) + 'node perf.mjs', 'perf.mjs')).toBe(true);
  });
});
