import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilingOf } from '../../../domain/benchmark/compiling.ts';

describe('a command that compiles at each run', () => {
  it.each([
    ['cargo run --release --bin bench', 'cargo build --release --bin bench', './target/release/bench'],
    ['cargo run -r --example sort -- 5', 'cargo build -r --example sort', './target/release/examples/sort 5'],
    ['cargo run', 'cargo build', './target/debug/<name of the package>'],
    [
      'cargo +nightly bench --bench parse',
      'cargo +nightly bench --no-run --bench parse',
      'cargo +nightly bench --bench parse',
    ],
    ['cargo test --release', 'cargo test --no-run --release', 'cargo test --release'],
    ['go run ./cmd/bench -n 5', 'go build -o ./bench ./cmd/bench', './bench -n 5'],
    ['go run bench.go', 'go build -o ./bench bench.go', './bench'],
    [
      'go test -run=^$ -bench=. -benchtime=100x ./parse',
      'go test -c -o ./bench.test ./parse',
      './bench.test -test.run=^$ -test.bench=. -test.benchtime=100x',
    ],
    ['gcc -O2 -o bench bench.c && ./bench', 'gcc -O2 -o bench bench.c', './bench'],
    ['g++ -O3 bench.cpp -o /tmp/bench && /tmp/bench 10', 'g++ -O3 bench.cpp -o ./bench', './bench 10'],
    ['clang-17 -O2 a.c -o $TMPDIR/a; $TMPDIR/a', 'clang-17 -O2 a.c -o ./a', './a'],
    ['make -j2 && ./bench', 'make -j2', './bench'],
    ['cmake -B out && cmake --build out && ./out/bench', 'cmake -B out && cmake --build out', './out/bench'],
    ['ninja -C out bench && out/bench', 'ninja -C out bench', 'out/bench'],
    ['rustc -O bench.rs && ./bench', 'rustc -O bench.rs', './bench'],
    ['npx tsc && node dist/bench.js', 'npx tsc', 'node dist/bench.js'],
    ['npm run build && node dist/bench.js', 'npm run build', 'node dist/bench.js'],
    ['ts-node src/bench.ts', 'tsc --outDir dist', 'node dist/bench.js'],
    ['javac -d out src/Bench.java && java -cp out Bench', 'javac -d out src/Bench.java', 'java -cp out Bench'],
    ['java src/Bench.java', 'javac -d out src/Bench.java', 'java -cp out Bench'],
    ['mvn -q exec:java', 'mvn -o -q package -DskipTests', 'java -jar target/<name>.jar'],
    ['./gradlew run', './gradlew --offline assemble', 'java -jar build/libs/<name>.jar'],
    [
      'dotnet run -c Release --project bench',
      'dotnet build -c Release',
      'dotnet run --no-build -c Release --project bench',
    ],
    ['zig run bench.zig', 'zig build-exe -O ReleaseFast bench.zig', './bench'],
    ['zig build run', 'zig build', './zig-out/bin/<name>'],
    ['swift run -c release bench', 'swift build -c release', './.build/release/bench'],
    ['nim c -d:release -r bench.nim', 'nim c -o:bench -d:release bench.nim', './bench'],
    ['nim c bench.nim && ./bench', 'nim c bench.nim', './bench'],
    ['ghc -O2 bench.hs && ./bench', 'ghc -O2 bench.hs', './bench'],
    ['runghc bench.hs', 'ghc -O2 -o bench bench.hs', './bench'],
    ['stack bench', 'stack build --bench --no-run-benchmarks --test --no-run-tests', 'stack bench'],
    ['cabal run bench', 'cabal build', '$(cabal list-bin bench)'],
    ['crystal run --release bench.cr', 'crystal build --release bench.cr -o bench', './bench'],
    [
      'kotlinc Bench.kt -include-runtime -d b.jar && java -jar b.jar',
      'kotlinc Bench.kt -include-runtime -d b.jar',
      'java -jar b.jar',
    ],
    [
      'cd rust && cargo run --release --bin b',
      'cd rust && cargo build --release --bin b',
      'cd rust && ./target/release/b',
    ],
    ['RUSTFLAGS=-g cargo run --release --bin b', 'cargo build --release --bin b', './target/release/b'],
    ['cargo run --release --bin b | tail -1', 'cargo build --release --bin b', './target/release/b | tail -1'],
    ['#!/bin/sh\nset -e\nmake\n./bench', 'make', './bench'],
  ])('%s', (command, build, remaining) => {
    expect(compilingOf(command)).toMatchObject({ build, command: remaining });
  });

  it.each([
    'node bench.mjs',
    'npm run bench',
    'npm test',
    'python3 -m pytest',
    'python bench.py --compile',
    './target/release/bench',
    'java -jar target/bench.jar',
    'dotnet run --no-build',
    './bench --make=5',
    'node tools/make.mjs',
    'bun bench.ts',
    'cargo --version',
    'php cc.php',
    '',
  ])('is not seen in: %s', (command) => {
    expect(compilingOf(command)).toBeNull();
  });

  it('is none where the loop builds the same before', () => {
    expect(compilingOf('cargo run --release', { build: 'cargo build --release --offline' })).toBeNull();
    expect(compilingOf('cargo bench', { build: 'cargo build --release' })).not.toBeNull();
    expect(compilingOf('cargo bench', { build: 'cargo bench --no-run' })).toBeNull();
    expect(compilingOf('cargo test', { build: 'cargo build && cargo test --no-run' })).toBeNull();
    expect(compilingOf('make bench', { build: 'make' })).toBeNull();
    expect(compilingOf('go test -bench=.', { build: 'npm run build' })).not.toBeNull();
  });

  it('is seen in make where the Makefile compiles, and not where it only names commands', () => {
    expect(
      compilingOf('make bench', { makefile: 'bench: bench.c\n\tcc -O2 -o bench bench.c\n\t./bench\n' }),
    ).toMatchObject({
      build: 'make bench',
      command: 'make bench',
    });
    expect(compilingOf('make bench', { makefile: 'bench: a.o\n\t$(CC) -o $@ $^\n' })).not.toBeNull();
    expect(compilingOf('make bench', { makefile: 'bench:\n\tnode bench.mjs\n' })).toBeNull();
  });

  it('never fails, and proposes a build that needs no more', () => {
    const word = fc.constantFrom(
      'cargo',
      'run',
      'go',
      'test',
      'gcc',
      '&&',
      ';',
      '|',
      '-o',
      'a.c',
      '--',
      './x',
      'make',
      'cd',
      '"',
      '',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (command) => {
          const found = compilingOf(command);
          expect(found === null || (found.build.length > 0 && found.command.length > 0)).toBe(true);
        },
      ),
    );
  });
});
