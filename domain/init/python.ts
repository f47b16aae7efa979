import { protectedKind } from '../protection/protected-kinds.ts';
import { findCalls, textsIn, type Call } from './calls.ts';
import type { Found, FoundBenchmark, RepositoryFacts } from './plan.ts';
import { firstCount, printed } from './plan.ts';
import { pythonBenchmark } from './python-benchmark.ts';
import { sourceGlobs, tomlSection } from './sources.ts';

/** Finds out a package of Python; null where there is no sign of one. */
export function findPython(facts: RepositoryFacts): Found | null {
  const { files, texts } = facts;
  const project = texts.get('pyproject.toml') ?? '';
  const isPackage = ['pyproject.toml', 'setup.py', 'setup.cfg'].some((name) => files.includes(name));
  if (!isPackage && !files.some((path) => path.endsWith('.py'))) return null;
  const tests = files.filter((path) => protectedKind(path) === 'a test' && path.endsWith('.py') && texts.has(path));
  const usesPytest =
    tests.some((path) => /\bpytest\b|^def test_|^import pytest/m.test(texts.get(path)!)) || /\bpytest\b/.test(project);
  const setup = findSetup(facts, { isPackage, usesPytest, project });
  const python = setup ? '.venv/bin/python' : 'python3';
  // It may stand in a package directory of its own, or not be installed.
  const source =
    files.some((path) => /^src\/[^/]+\.py$|^src\/[^/]+\/__init__\.py$/.test(path)) && !isPackage
      ? 'PYTHONPATH=src '
      : '';
  const where = testPlace(tests);
  return {
    language: 'Python',
    editable: sourceGlobs(files, /\.pyx?$/),
    ...(setup && { setup }),
    test:
      tests.length === 0
        ? null
        : usesPytest
          ? {
              command: `${source}${python} -m pytest -v -p no:cacheprovider${/--cov/.test(project + (texts.get('setup.cfg') ?? '')) ? ' -o addopts=' : ''}${where}`,
              why: `since ${tests[0]} is a test of pytest`,
            }
          : { command: `${source}${python} -m unittest -v`, why: `since ${tests[0]} is a test of unittest` },
    benchmark: ownBenchmark(facts, tests, python) ?? writtenBenchmark(facts, tests, `${source}${python}`),
    remedy: 'write bench.py as in docs/quick-start.md, commit it, and type init again',
  };
}

function testPlace(tests: readonly string[]): string {
  const tops = [...new Set(tests.map((path) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path)))];
  return tops.length === 1 ? ` ${tops[0]}` : '';
}

function findSetup(
  { files, texts, has }: RepositoryFacts,
  { isPackage, usesPytest, project }: { isPackage: boolean; usesPytest: boolean; project: string },
): Found['setup'] | null {
  const requirements = files.filter((path) =>
    /^(requirements\/)?(requirements|(dev|test)s?)[-_.]?(dev|tests?|development)?\.txt$/.test(path),
  );
  const all = [project, texts.get('setup.cfg') ?? '', texts.get('setup.py') ?? ''].join('\n');
  const tomlDependencies = /^dependencies\s*=\s*\[\s*[^\]\s]/m.test(tomlSection(project, 'project') ?? '');
  const isScm = /setuptools[-_]scm|hatch[-_]vcs|\bversioneer\b|pbr\b|dunamai|poetry-dynamic-versioning/.test(all);
  const extra = extraOf(project, texts.get('setup.cfg') ?? '');
  const groups = dependencyGroup(project);
  const needs = isPackage || requirements.length > 0 || usesPytest;
  if (!needs || (!usesPytest && !tomlDependencies && requirements.length === 0 && !isPackage)) return null;
  const toxDeps =
    /^deps *=([^[]*?)^(?!\s)/m.exec(`${texts.get('tox.ini')?.replace(/^[^]*\[testenv\]/, '') ?? ''}\n.`)?.[1] ?? '';
  const tox = [...toxDeps.matchAll(/^ +([A-Za-z][\w.-]*(?:\[[\w,-]+\])?)(?:[<>=~!]=?[\w.*,<>=~!]+)? *$/gm)].map(
    ([, name]) => name!,
  );
  const wanted = [
    ...(isPackage ? [`-e '.${extra ? `[${extra}]` : ''}'`] : []),
    ...requirements.map((path) => `-r ${path}`),
    ...groups.map((group) => `--group ${group}`),
    ...new Set([...(usesPytest ? ['pytest'] : []), ...tox]),
    ...(/pytest[-_]benchmark/.test(all) ? ['pytest-benchmark'] : []),
  ];
  if (wanted.length === 0) return null;
  const versionFile = /(?:version[-_]file|write_to)\s*=\s*["']([^"'\n]+)["']/.exec(project)?.[1];
  const pretend = isScm ? 'SETUPTOOLS_SCM_PRETEND_VERSION=0.0.0 ' : '';
  const upgrade = groups.length > 0 ? ".venv/bin/pip install -q -U 'pip>=25.1' && " : '';
  const python = has('python3') ? 'python3' : 'python';
  return {
    command: `${python} -m venv .venv && ${upgrade}${pretend}.venv/bin/pip install -q ${wanted.join(' ')}`,
    provided: ['.venv', ...(versionFile && isScm ? [versionFile] : [])],
    why: isPackage
      ? 'a virtual environment with the package, editable, and what its tests need'
      : 'a virtual environment',
    needsNetwork: true,
  };
}

const testExtras = ['tests', 'test', 'testing', 'dev', 'development'];

function extraOf(project: string, config: string): string | null {
  const section = tomlSection(project, 'project.optional-dependencies') ?? '';
  const legacy = /\[options\.extras_require\]([^[]*)/.exec(config)?.[1] ?? '';
  return testExtras.find((name) => new RegExp(`^${name}\\s*=`, 'm').test(`${section}\n${legacy}`)) ?? null;
}

function dependencyGroup(project: string): string[] {
  const section = tomlSection(project, 'dependency-groups') ?? '';
  const found = testExtras.find((name) => new RegExp(`^${name}\\s*=`, 'm').test(section));
  return found ? [found] : [];
}

function ownBenchmark(
  { files, texts }: RepositoryFacts,
  tests: readonly string[],
  python: string,
): FoundBenchmark | null {
  const ready = files.find((path) => /(^|\/)bench[^/]*\.py$/.test(path) && /METRIC ms=/.test(texts.get(path) ?? ''));
  if (ready) return { config: { command: `${python} ${ready}`, ...printed }, why: 'which prints a METRIC and a CHECK' };
  const benches = [...tests, ...files.filter((path) => protectedKind(path) === 'a benchmark')].filter((path) =>
    /def (?:test|bench)_\w+\([^)]*\bbenchmark\b/.test(texts.get(path) ?? ''),
  );
  if (benches.length === 0) return null;
  const command = `${python} -m pytest -p no:cacheprovider --benchmark-only --benchmark-min-rounds=100 --benchmark-max-time=0 ${[...new Set(benches)].join(' ')}`;
  return { config: { command, harness: 'pytest-benchmark' }, why: `of ${benches[0]}` };
}

const importing = /^from +([\w.]+) +import +(?:\(([^)]*)\)|([^\n(]+))/gm;

function writtenBenchmark(
  { files, texts }: RepositoryFacts,
  tests: readonly string[],
  python: string,
): FoundBenchmark | null {
  const sources = files.filter((path) => path.endsWith('.py') && protectedKind(path) === null);
  const modules = new Set(
    sources.map((path) =>
      path
        .replace(/^src\//, '')
        .replace(/(\/__init__)?\.py$/, '')
        .replaceAll('/', '.'),
    ),
  );
  const found = tests.map((path) => importsOf(texts.get(path)!, modules));
  const corpus = [...new Set(tests.flatMap((path) => textsIn(texts.get(path)!)))].slice(0, 60);
  const imports = [...new Set(found.flatMap((one) => one.imports))];
  const text = pythonBenchmark(
    imports,
    found.flatMap((one) => one.calls),
    corpus,
  );
  if (text === null) return null;
  // Setuptools takes a directory of another name for a package of the project.
  const path = 'benchmarks/karpathy_loop.py';
  const config = { command: `${python} ${path} ${firstCount}`, ...printed };
  const why = 'written by init: what the tests call, with inputs of theirs';
  return { config, why, files: [{ path, text }], count: firstCount };
}

/** Imports of a test that lead to the package, one name each, as far as it calls what they bring. */
function importsOf(text: string, modules: ReadonlySet<string>): { imports: string[]; calls: Call[] } {
  const imports: string[] = [];
  const calls: Call[] = [];
  const add = (name: string, statement: string) => {
    const used = findCalls(text, [name]);
    if (used.length > 0) imports.push(statement);
    calls.push(...used);
  };
  for (const [, from = '', list = '', more = ''] of text.matchAll(importing)) {
    const names = `${list},${more}`.split(',').map((name) => name.replace(/#.*/, '').trim());
    if (modules.has(from))
      for (const name of names.filter((one) => /^\w+$/.test(one))) add(name, `from ${from} import ${name}`);
  }
  for (const [, module = ''] of text.matchAll(/^import +([\w.]+) *$/gm))
    if (modules.has(module)) add(module, `import ${module}`);
  return { imports, calls };
}
