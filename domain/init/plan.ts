import type { LoopConfig } from '../config/loop-config.ts';
import { fromTop } from '../config/derived.ts';

/** What `init` reads of a repository, paths from the directory that the loop is to begin in. */
export interface RepositoryFacts {
  /** Committed files. */
  files: readonly string[];
  /** Texts of manifests, tests and sources, as far as they were read. */
  texts: ReadonlyMap<string, string>;
  /** Tells if a run in the sandbox finds a program of this name, by leave of flags that `init` gives. */
  has: (tool: string) => boolean;
  /** The top of the repository, where the package lies below it. */
  top?: { below: string; facts: RepositoryFacts };
}

/** What `init` would do, and why. */
export interface InitPlan {
  /** The fields of loop.json, in its order. */
  config: Record<string, unknown> & { benchmark: FoundBenchmark['config'] };
  /** One line per finding: "test: npx mocha, from scripts.test of package.json". */
  reasons: string[];
  /** Files to write and commit beside loop.json. */
  files: { path: string; text: string }[];
  /** Set if `setup` brings things from elsewhere. */
  needsNetwork: boolean;
  /** Programs that the commands need beside those that every sandbox shows. */
  tools: string[];
  /** Number in the benchmark's command that says how much work a run does; null where it has none. */
  count: string | null;
}

export type Planned = { ok: true; value: InitPlan } | { ok: false; problems: string[] };

/** The parts of a plan that a language finds out; `benchmark` is null where there is none. */
export interface Found {
  language: string;
  editable: string[];
  setup?: { command: string; provided: string[]; why: string; needsNetwork: boolean };
  build?: { command: string; why: string };
  test: { command: string; why: string } | null;
  benchmark: FoundBenchmark | null;
  tools?: string[];
  /** What a person could do where there is no benchmark. */
  remedy: string;
  git?: 'sealed';
  /** Set where `setup` runs at the top of the repository, and all else below it. */
  below?: string | undefined;
}

export interface FoundBenchmark {
  config: { command: string } & Record<string, unknown>;
  why: string;
  files?: { path: string; text: string }[];
  count?: string;
}

/** How the written benchmarks print number and checksum. */
export const printed = {
  metric: { pattern: '^METRIC ms=([0-9.]+)$' },
  output: { pattern: '^CHECK (.+)$' },
};

/** Repeats of a run until one has been measured. */
export const firstCount = '20';

/** Puts what was found into one plan, or says what is missing. */
export function planOf(found: Found, schema: string): Planned {
  const { language, editable, setup, build, test, benchmark, tools = [], remedy, git } = found;
  const problems = [
    ...(editable.length > 0 ? [] : [`editable: no ${language} sources were found; write loop.json by hand`]),
    ...(test
      ? []
      : [`test: no tests of ${language} were found; write some, or loop.json by hand with a "test" command`]),
    ...(benchmark ? [] : [`benchmark: there is none, and none could be made of what the tests call; ${remedy}`]),
  ];
  if (!test || !benchmark || problems.length > 0) return { ok: false, problems };
  const own = {
    $schema: schema,
    editable,
    ...(setup && { setup: setup.command, provided: setup.provided }),
    ...(git && { git }),
    ...(build && { build: build.command }),
    test: test.command,
    benchmark: benchmark.config,
    iterations: 50,
    // The first install or build may take minutes.
    ...((setup || build) && { limits: { testSeconds: 300 } }),
  };
  const config = found.below === undefined ? own : movedToTop(own, found.below);
  const reasons = [
    `language: ${language}`,
    `editable: ${editable.join(', ')}`,
    ...(setup ? [`setup: ${setup.command}, ${setup.why}`] : []),
    ...(build ? [`build: ${build.command}, ${build.why}`] : []),
    `test: ${test.command}, ${test.why}`,
    `benchmark: ${benchmark.config.command}, ${benchmark.why}`,
  ];
  const { files = [], count = null } = benchmark;
  return {
    ok: true,
    value: { config, reasons, files, needsNetwork: setup?.needsNetwork ?? false, tools, count },
  };
}

/** The same where globs and commands begin at the top: a workspace's packages are installed there. */
function movedToTop(own: InitPlan['config'], below: string): InitPlan['config'] {
  const lists = { provided: [], unprotected: [], sideMetrics: [], setup: undefined };
  const { editable, build, test, benchmark } = fromTop({ ...own, ...lists, directory: below } as unknown as LoopConfig);
  return { ...own, directory: '.', editable, ...(build !== undefined && { build }), test, benchmark };
}
