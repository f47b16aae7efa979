import { isCheckOrRecipe, protectedKind } from '../protection/protected-kinds.ts';
import { findCalls, textsIn, type Call } from './calls.ts';
import { nodeBenchmark } from './node-benchmark.ts';
import type { Found, FoundBenchmark, RepositoryFacts } from './plan.ts';
import { firstCount, printed } from './plan.ts';
import { sourceGlobs } from './sources.ts';

interface Manifest {
  name?: string;
  main?: string;
  module?: string;
  type?: string;
  exports?: unknown;
  scripts?: Record<string, string>;
  packageManager?: string;
  workspaces?: unknown;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const ending = /(?<!\.d)\.([cm]?[jt]s|[jt]sx)$/;

/** Finds out a package of Node.js; null where there is no package.json. */
export function findNode(facts: RepositoryFacts): Found | null {
  const manifest = readManifest(facts);
  if (!manifest) return null;
  const build = findBuild(facts, manifest);
  return {
    language: facts.files.includes('tsconfig.json') ? 'TypeScript' : 'JavaScript',
    editable: sourceGlobs(facts.files, ending),
    ...findSetup(facts, manifest),
    ...(build && { build }),
    test: findTest(facts, manifest),
    benchmark: ownBenchmark(facts, manifest) ?? writtenBenchmark(facts, manifest, build !== null),
    remedy: remedyFor(facts),
  };
}

function remedyFor(facts: RepositoryFacts): string {
  const packages = facts.files.filter(
    (path) => /\/package\.json$/.test(path) && !/node_modules|fixture|example/.test(path),
  );
  const [first] = packages.map((path) => path.replace('/package.json', ''));
  if (workspaceOf(facts) && first !== undefined)
    return `these are ${packages.length} packages: type init with the directory of one, as "karpathy-loop init ${first}"`;
  const isTyped = facts.files.some((path) => /\.[cm]?tsx?$/.test(path));
  const typed = 'for TypeScript that is not built add tsx (npm install --save-dev tsx), or ';
  return `${isTyped ? typed : ''}write bench.mjs as in docs/quick-start.md, commit it, and type init again`;
}

function readManifest({ texts }: RepositoryFacts): Manifest | null {
  try {
    const manifest: unknown = JSON.parse(texts.get('package.json') ?? 'null');
    return typeof manifest === 'object' ? manifest : null;
  } catch {
    return null;
  }
}

const locks: [file: string, command: string, tool: string, version: string][] = [
  ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile', 'pnpm', '10'],
  ['yarn.lock', 'yarn install --frozen-lockfile', 'yarn', '1'],
  ['bun.lock', 'bun install --frozen-lockfile', 'bun', 'latest'],
  ['package-lock.json', 'npm ci', 'npm', ''],
  ['npm-shrinkwrap.json', 'npm ci', 'npm', ''],
];

function findSetup({ files, has, top }: RepositoryFacts, manifest: Manifest): Pick<Found, 'setup' | 'below'> {
  const { dependencies, devDependencies, packageManager = '' } = manifest;
  const above = top && workspaceOf(top.facts);
  if (top && above) {
    const { setup } = findSetup(top.facts, above);
    const isLinked = setup?.command.includes('pnpm') && Object.keys({ ...dependencies, ...devDependencies }).length > 0;
    const own = isLinked ? [`${top.below}/node_modules`] : [];
    return setup ? { setup: { ...setup, provided: ['node_modules', ...own] }, below: top.below } : {};
  }
  if (Object.keys({ ...dependencies, ...devDependencies }).length === 0) return {};
  const lock = locks.find(([file]) => files.includes(file));
  const [file, command, tool, version] = lock ?? ['package.json', 'npm install --no-audit --no-fund', 'npm', ''];
  const wanted = /^\w+@[\d.]+/.exec(packageManager)?.[0] ?? `${tool}@${version}`;
  const isHere = tool === 'npm' || has(tool);
  const workspaces = files.filter((path) => /^[^.]+\/package\.json$/.test(path) && manifest.workspaces);
  return {
    setup: {
      // Without a start of its own, since a registry's copy may fail corepack's check.
      command: isHere ? command : command.replace(tool, `npx -y ${wanted}`),
      provided: [
        'node_modules',
        ...(tool === 'pnpm' ? workspaces.map((one) => one.replace('package.json', 'node_modules')) : []),
      ],
      why: lock ? `from ${file}` : 'since package.json names dependencies and there is no lock file',
      needsNetwork: true,
    },
  };
}

/** The manifest of a repository whose packages are installed together; else null. */
function workspaceOf(facts: RepositoryFacts): Manifest | null {
  const manifest = readManifest(facts);
  return manifest?.workspaces || facts.files.includes('pnpm-workspace.yaml') ? manifest : null;
}

/** A build is needed where what the package exports is not committed. */
function findBuild({ files }: RepositoryFacts, manifest: Manifest): Found['build'] | null {
  const entry = entryOf(manifest);
  if (!manifest.scripts?.['build'] || entry === null || resolveIn(files, entry) !== null) return null;
  return { command: 'npm run build', why: `since ${entry}, which package.json exports, is not committed` };
}

/** Programs that run tests, with what makes them name each test and end. */
const runners: [name: string, command: (part: string) => string][] = [
  [
    'vitest',
    (part) =>
      `npx vitest run${part.replace(/^vitest( run| watch)?/, '').replace(/ --(coverage|ui|watch|typecheck|reporter)\S*/g, '')} --reporter=verbose`,
  ],
  ['jest', (part) => `npx ${part.replace(/ --(coverage|watch\w*|ci|verbose)\S*/g, '')} --verbose`],
  ['mocha', (part) => `npx ${part.replace(/ --reporter[ =]\S+/, '')} --reporter spec`],
  ['ava', (part) => `npx ${part}`],
  ['tap', (part) => `npx ${part}`],
  ['tape', (part) => `npx ${part}`],
  ['jasmine', (part) => `npx ${part}`],
];

function findTest({ files, texts }: RepositoryFacts, { scripts = {} }: Manifest): Found['test'] {
  const script = scripts['test'];
  const isThere = script !== undefined && !/no test specified/.test(script);
  const parts = isThere
    ? expand(script, scripts)
        .split(/\s*&&\s*/)
        .map(withoutCoverage)
    : [];
  for (const part of parts) {
    if (/^node( --?\S+( [^-\s]\S*)?)* --test\b/.test(part))
      return { command: part, why: 'from scripts.test of package.json' };
    const [name, command] = runners.find(([runner]) => new RegExp(`^${runner}( |$)`).test(part)) ?? [];
    if (name && command) return { command: command(part), why: `from scripts.test of package.json (${name} alone)` };
  }
  if (isThere) return { command: 'npm test', why: 'from scripts.test of package.json' };
  const tests = files.filter((path) => isCheckOrRecipe(path) && /['"]node:test['"]/.test(texts.get(path) ?? ''));
  return tests.length > 0 ? { command: 'node --test', why: `since ${tests[0]} uses node:test` } : null;
}

/** Puts in what scripts a script runs. */
function expand(script: string, scripts: Record<string, string>, depth = 0): string {
  if (depth > 3) return script;
  return script.replace(
    /(?:npm run|npm-run-all|run-s|pnpm run|pnpm|yarn run|yarn)(?: -s)? ([\w:-]+)(?= *(?:&&|$))/g,
    (all, name: string) => (scripts[name] === undefined ? all : expand(scripts[name], scripts, depth + 1)),
  );
}

function withoutCoverage(part: string): string {
  return part.replace(/^(?:cross-env )?(?:[A-Z_]+=\S+ )*(?:npx )?(?:(?:nyc|c8)(?: -\S+)* )?(?:--\S+ )*/, '').trim();
}

/** A benchmark that the package has: of a harness that the loop reads, or one that prints the loop's lines. */
function ownBenchmark(
  { files, texts }: RepositoryFacts,
  { scripts = {}, devDependencies = {} }: Manifest,
): FoundBenchmark | null {
  const ready = files.find(
    (path) => /(^|\/)bench[^/]*\.[cm]?js$/.test(path) && /METRIC ms=/.test(texts.get(path) ?? ''),
  );
  if (ready) return { config: { command: `node ${ready}`, ...printed }, why: `which prints a METRIC and a CHECK` };
  const vitest = files.filter((path) => /\.bench\.[cm]?[jt]sx?$/.test(path));
  if (vitest.length > 0 && devDependencies['vitest'] !== undefined)
    return {
      config: timed(
        'npx vitest bench --run',
        'vitest-bench',
        vitest.map((path) => texts.get(path)),
      ),
      why: `of ${vitest[0]}`,
    };
  const [name, script] = Object.entries(scripts).find(([name]) => /^bench(mark)?s?$/.test(name)) ?? [];
  const file = script && /^(?:node|tsx)(?: --\S+)* (\S+)$/.exec(script)?.[1];
  if (file && /\btinybench\b/.test(texts.get(file.replace(/^\.\//, '')) ?? ''))
    return {
      config: timed(`npm run --silent ${name}`, 'tinybench', [texts.get(file.replace(/^\.\//, ''))]),
      why: `from scripts.${name} of package.json`,
    };
  return null;
}

/** Goes by a clock, so that none of the loop's can see a gain, unless its files say otherwise. */
function timed(command: string, harness: string, texts: readonly (string | undefined)[]): FoundBenchmark['config'] {
  const isFixed = texts.some((text) => /\btime: ?0\b/.test(text ?? ''));
  return { command, harness, ...(!isFixed && { clock: 'none' }) };
}

function entryOf({ exports, main, module }: Manifest): string | null {
  const first = (value: unknown): string | null => {
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null) return null;
    const { '.': top, import: one, node, require: two, default: other } = value as Record<string, unknown>;
    return first(top) ?? first(one) ?? first(node) ?? first(two) ?? first(other);
  };
  const entry = first(exports) ?? module ?? main ?? 'index.js';
  return entry.replace(/^\.\//, '');
}

function resolveIn(files: readonly string[], path: string): string | null {
  const plain = path.replace(/^\.\//, '').replace(/\/$/, '');
  const endings = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '/index.js', '/index.mjs', '/index.ts'];
  const places = [
    ...endings.map((end) => plain + end),
    ...endings.map((end) => (plain === '' ? end.slice(1) : '')),
    plain.replace(/\.([cm]?)js$/, '.$1ts'),
  ];
  return places.find((place) => place !== '' && files.includes(place)) ?? null;
}

/** Imports of one module by a test: local names, and the whole of it under a name. */
interface Imported {
  path: string;
  named: string[];
  whole: string | null;
  calls: Call[];
}

function writtenBenchmark(facts: RepositoryFacts, manifest: Manifest, isBuilt: boolean): FoundBenchmark | null {
  const { files, texts, top } = facts;
  const tests = files.filter((path) => protectedKind(path) === 'a test' && ending.test(path) && texts.has(path));
  const entry = entryOf(manifest);
  const built = isBuilt ? entry : null;
  const found = tests.flatMap((path) => importsOf(path, texts.get(path)!, facts, manifest));
  const hasTsx = 'tsx' in { ...manifest.devDependencies, ...(top && readManifest(top.facts)?.devDependencies) };
  const usable = found.flatMap((one) => {
    // What a run imports must be there as Node.js reads it.
    if (/\.[cm]?js$/.test(one.path) || (hasTsx && built === null)) return [one];
    return built !== null && /(^|\/)index\.[cm]?ts$/.test(one.path) ? [{ ...one, path: built }] : [];
  });
  const corpus = [...new Set(tests.flatMap((path) => textsIn(texts.get(path)!)))].slice(0, 300);
  const text = nodeBenchmark(merge(usable), corpus);
  if (text === null) return null;
  const path = 'bench/karpathy-loop.mjs';
  const isTyped = usable.some((one) => /\.[cm]?tsx?$/.test(one.path));
  const config = { command: `node ${isTyped ? '--import tsx ' : ''}${path} ${firstCount}`, ...printed };
  return {
    config,
    why: 'written by init: what the tests call, with inputs of theirs',
    files: [{ path, text }],
    count: firstCount,
  };
}

function merge(found: Imported[]): Imported[] {
  const byPath = new Map<string, Imported>();
  for (const one of found) {
    const known = byPath.get(one.path);
    if (!known) byPath.set(one.path, { ...one });
    else {
      known.named = [...new Set([...known.named, ...one.named])];
      const rename = (call: Call) => ({
        ...call,
        callee:
          one.whole && known.whole
            ? call.callee.replace(new RegExp(`^${one.whole.replace('$', '\\$')}(?=\\.|$)`), known.whole)
            : call.callee,
      });
      known.calls.push(...one.calls.map(rename));
      known.whole ??= one.whole;
    }
  }
  return [...byPath.values()].filter(({ calls }) => calls.length > 0);
}

function importsOf(test: string, text: string, { files }: RepositoryFacts, manifest: Manifest): Imported[] {
  const forms = [
    /import\s+(?:([\w$]+)\s*,?\s*)?(?:\*\s+as\s+([\w$]+)\s*)?(?:\{([^}]*)\}\s*)?from\s+['"]([^'"\n]+)['"]/g,
    /(?:const|let|var)\s+(?:([\w$]+)()|\{([^}]*)\})\s*=\s*require\(['"]([^'"\n]+)['"]\)(?!\.|\()/g,
  ];
  return forms.flatMap((form) =>
    [...text.matchAll(form)].flatMap(([, first, star, list = '', from = '']) => {
      const path = placeOf(test, from, files, manifest);
      if (path === null || protectedKind(path) !== null) return [];
      // A renamed one would need its other name.
      const named = list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => /^[\w$]+$/.test(name));
      const whole = [star, first].find(Boolean) ?? null;
      return [{ path, named, whole, calls: findCalls(text, whole === null ? named : [...named, whole]) }];
    }),
  );
}

function placeOf(test: string, from: string, files: readonly string[], manifest: Manifest): string | null {
  if (from === manifest.name) return resolveIn(files, entryOf(manifest) ?? '') ?? resolveIn(files, 'src/index.ts');
  if (!/^\.{1,2}(\/|$)/.test(from)) return null;
  const parts = test.split('/').slice(0, -1);
  for (const part of from.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  const path = parts.join('/');
  return resolveIn(files, path === '' ? (manifest.main ?? 'index.js') : path);
}
