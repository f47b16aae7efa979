/** A command that compiles what it runs, in the words of a loop.json that compiles it once for all runs of a tree. */
export interface Compiling {
  /** The part that compiles: "cargo run --release". */
  part: string;
  /** For the field "build". */
  build: string;
  /** The command that remains. */
  command: string;
}

/** One part of a command: compiled by `build`, then run by `run`, or null where it only compiles. */
interface Split {
  build: string;
  run: string | null;
}

/** Parts that only compile; their result is run by another. */
const onlyCompiles = [
  /^(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|rustc|tsc|javac|kotlinc|scalac|ghc|nvcc|gfortran|ocamlopt|dmd|ldc2|fpc|mcs|csc|swiftc|valac|odin)(?:-[\d.]+)?(?= |$)/,
  /^(?:make|gmake|cmake|ninja|meson|bazel|scons|ant|sbt)(?= |$)/,
  /^(?:npm|pnpm|yarn|bun) (?:run )?(?:build|compile)(?![\w-])/,
  /^cargo (?:\+\S+ )?(?:build|b|check)\b/,
  /^(?:go (?:build|install)|zig (?:build|build-\w+|cc|c\+\+)|swift build|dotnet (?:build|publish)|crystal build|nim (?:c|cpp|compile)|(?:stack|cabal|dune) build|mix compile)\b/,
];

/** Parts that compile and then run, with what compiles them and what runs the result. */
const compileAndRun: [part: RegExp, build: string, run: string][] = [
  [/^cargo (\+\S+ )?(bench|test|t)\b(?!.*--no-run)(.*)$/, 'cargo $1$2 --no-run$3', '$&'],
  [/^go run ((?:-\S+ )*(?:\S+\.go|\.\S*)(?: \S+\.go)*)(.*)$/, 'go build -o ./bench $1', './bench$2'],
  [/^zig run (?:-\S+ )*(\S*?([\w-]+)\.zig).*$/, 'zig build-exe -O ReleaseFast $1', './$2'],
  [/^zig build (?!-)\S+.*$/, 'zig build', './zig-out/bin/<name>'],
  [/^swift run .*?([\w-]+)$/, 'swift build -c release', './.build/release/$1'],
  [/^swift test\b(.*)$/, 'swift build --build-tests', 'swift test --skip-build$1'],
  [
    /^dotnet (run|test)\b(?!.*--no-build)(.* (?:-c|--configuration) (\w+).*)$/,
    'dotnet build -c $3',
    'dotnet $1 --no-build$2',
  ],
  [/^dotnet (run|test)\b(?!.*--no-build)(.*)$/, 'dotnet build', 'dotnet $1 --no-build$2'],
  [/^((?:\.\/)?mvnw?) .*\b(?:exec:\w+|jmh)\b.*$/, '$1 -o -q package -DskipTests', 'java -jar target/<name>.jar'],
  [/^((?:\.\/)?mvnw?) .*$/, '$1 -o -q package -DskipTests', '$&'],
  [/^((?:\.\/)?gradlew?) .*\b(?:run|jmh)\b.*$/, '$1 --offline assemble', 'java -jar build/libs/<name>.jar'],
  [/^((?:\.\/)?gradlew?) .*$/, '$1 --offline assemble testClasses', '$&'],
  [/^nim (?:c|cpp|compile)\b(.*?) (?:-r|--run)\b(.*)$/, 'nim c -o:bench$1$2', './bench'],
  [/^nim r\b(.*)$/, 'nim c -o:bench$1', './bench'],
  [/^crystal (?:run )?(?:-\S+ )*(\S+\.cr).*$/, 'crystal build --release $1 -o bench', './bench'],
  [/^stack (?:run|exec) (\S+).*$/, 'stack build', 'stack exec $1'],
  [/^stack (bench|test)\b.*$/, 'stack build --bench --no-run-benchmarks --test --no-run-tests', '$&'],
  [/^cabal (?:run|exec) (\S+).*$/, 'cabal build', '$$(cabal list-bin $1)'],
  [/^cabal (bench|test)\b.*$/, 'cabal build all --enable-benchmarks --enable-tests', '$&'],
  [/^(?:runghc|runhaskell) (\S+).*$/, 'ghc -O2 -o bench $1', './bench'],
  [/^java (?:-\S+ )*(\S*?(\w+)\.java).*$/, 'javac -d out $1', 'java -cp out $2'],
  [/^ts-node (?:-\S+ )*(?:\S*\/)?([\w.-]+)\.ts.*$/, 'tsc --outDir dist', 'node dist/$1.js'],
];

interface BuildTexts {
  /** The loop's own build. */
  build?: string | undefined;
  /** Text of the Makefile; without it, make counts as a compiler. */
  makefile?: string | undefined;
}

/** Finds what a command compiles at each run, and says how to compile it once; null where it compiles nothing. */
export function compilingOf(command: string, { build = '', makefile }: BuildTexts = {}): Compiling | null {
  const parts = command.split(/\s*(?:&&|;|\n)\s*/).filter((part) => part !== '' && !/^(?:#|set\s)/.test(part));
  const isTask = (part: string) => /^g?make\b/.test(part) && makefile !== undefined && !compiles(makefile);
  const found = parts.map((part) => (isTask(part) || isBuilt(part, build) ? null : splitPart(part)));
  const first = found.findIndex((split) => split !== null);
  if (first < 0) return null;
  const last = found.findLastIndex((split) => split !== null);
  const places = parts.slice(0, first).filter((part) => /^cd\s/.test(part));
  const runs = parts.flatMap((part, index) => (index > last ? [part] : (found[index]?.run ?? [])));
  // A tool that finds nothing to do takes no time.
  const remaining = runs.length > 0 ? [...places, ...runs] : parts.slice(0, last + 1);
  const builds = parts.slice(0, last + 1).map((part, index) => found[index]?.build ?? part);
  return { part: parts[first]!, build: inTree(builds.join(' && ')), command: inTree(remaining.join(' && ')) };
}

function splitPart(whole: string): Split | null {
  const [, part = '', rest = ''] = /^([^|<>]*?)(\s*[|<>].*)?$/s.exec(whole) ?? [];
  const bare = bareCommand(part);
  const rule = compileAndRun.find(([pattern]) => pattern.test(bare));
  const split =
    cargoRun(bare) ??
    goTest(bare) ??
    (rule && { build: bare.replace(rule[0], rule[1]), run: bare.replace(rule[0], rule[2]) });
  if (split) return { build: split.build, run: split.run + rest };
  return onlyCompiles.some((pattern) => pattern.test(bare)) ? { build: part, run: null } : null;
}

/** Leaves out variables before a command, programs that start another, and the program's absolute directory. */
function bareCommand(part: string): string {
  return part
    .replace(/\s+/g, ' ')
    .replace(/^(?:(?:[A-Za-z_]\w*=\S*|env|exec|time|nice|npx|bunx|command) )+/, '')
    .replace(/^\/\S*\//, '');
}

function cargoRun(part: string): { build: string; run: string } | null {
  const [, flags = null, rest = ''] = /^cargo (?:\+\S+ )?(?:run|r)\b(.*?)(?: --(?=\s|$)(.*))?$/.exec(part) ?? [];
  if (flags === null) return null;
  const [, profile = / (?:-r|--release)\b/.test(flags) ? 'release' : 'debug'] = / --profile[ =](\S+)/.exec(flags) ?? [];
  const [, kind, name = '<name of the package>'] = / --(bin|example)[ =](\S+)/.exec(flags) ?? [];
  return {
    build: `cargo build${flags}`,
    run: `./target/${profile}/${kind === 'example' ? 'examples/' : ''}${name}${rest}`,
  };
}

function goTest(part: string): { build: string; run: string } | null {
  const [, all = null] = /^go test\b(.*)$/.exec(part) ?? [];
  if (all === null) return null;
  const packages = all.match(/ \.\S*/g)?.join('') ?? '';
  const flags = all.replace(/ \.\S*/g, '').replace(/ --?(?=(?:bench|benchtime|run|count|cpu|v|short)\b)/g, ' -test.');
  return { build: `go test -c -o ./bench.test${packages}`, run: `./bench.test${flags}` };
}

function compiles(makefile: string): boolean {
  const lines = makefile.split('\n').map((line) => line.replace(/^[\s@-]+/, ''));
  return /\$[({](?:CC|CXX|FC|GO|CARGO)[)}]/.test(makefile) || lines.some((line) => splitPart(line) !== null);
}

/** True where the loop's build compiles the same before: what is up to date takes no time. */
function isBuilt(part: string, build: string): boolean {
  const [program = '', ...words] = bareCommand(part).split(' ');
  if (program === '' || !build.split(/[^\w.+-]+/).includes(program)) return false;
  const kind = words.find((word) => word === 'bench' || word === 'test');
  return kind === undefined || program === 'make' || new RegExp(`${kind}|all-targets`).test(build);
}

/** A build's result lies in the tree: nothing else of its run is left for the others. */
function inTree(command: string): string {
  return command.replace(/(?:\/tmp|"?\$\{?TMPDIR\}?"?)\//g, './');
}
