/** Names the kind of file that is always protected, such as "a test"; null for others. Case does not count. */
export function protectedKind(path: string): string | null {
  const parts = path.split('/');
  const name = parts.at(-1)!;
  if (parts.some((part) => /^\.git/i.test(part))) return "git's own";
  if (parts.some((part) => libraries.test(part)) || /^vendor$/i.test(parts[0]!)) return 'an installed library';
  if (parts.some((part) => part.startsWith('.'))) return 'a hidden file or directory, which tools read';
  const directories = parts.slice(0, -1);
  if (directories.some((part) => testDirectories.test(part)) || testFiles.some((form) => form.test(name)))
    return 'a test';
  if (directories.some((part) => benchmarkDirectories.test(part)) || benchmarkFiles.some((form) => form.test(name)))
    return 'a benchmark';
  if (manifests.some((form) => form.test(name))) return 'a manifest, lock file or build file';
  if (toolFiles.some((form) => form.test(name))) return 'a configuration that tools read';
  return null;
}

/** Finds tests, benchmarks, and recipes that a command may run. */
export function isCheckOrRecipe(path: string): boolean {
  const kind = protectedKind(path);
  return kind === 'a test' || kind === 'a benchmark' || recipes.test(path.slice(path.lastIndexOf('/') + 1));
}

const recipes = /^(gnu)?makefile(\.|$)|\.mk$|^justfile$|^taskfile\.ya?ml$|^rakefile$/i;

const libraries =
  /^(node_modules|bower_components|site-packages|dist-packages|__pycache__|__pypackages__|venv|virtualenv)$/i;

// Also x-tests, integration_test; `testing` may be a source.
const testDirectories =
  /(^|[-_])(tests?|specs?)([-_]|$)|^(e2e|cypress|__mocks__|testdata|test-data|test_data|fixtures|__fixtures__|__snapshots__)$/i;
const benchmarkDirectories = /^(bench(es|marks?)?|benchmarking|__bench(marks?)?__)$/i;

const testFiles = [
  // test.mjs, tests.py, x.test.ts, x.spec.js, x.tests.js
  /(^|\.)(tests?|specs?|e2e)\.[^.]+$/i,
  // test_x.py, x_test.go, x_spec.rb, x-test.js
  /^tests?_[^.]*\./i,
  // node --test finds these unasked.
  /^test-.*\.[cm]?[jt]s$/i,
  /[_-](tests?|specs?)\.[^.]+$/i,
  // XTest.java: by case, since "latest" is none
  /(^|[A-Za-z0-9_])(Tests?|TestCase|Specs?)\.(java|kts?|scala|groovy|cs|fs|vb|php|swift)$/,
  /^conftest\.py$/i,
  /\.snap$/i,
  // Perl's
  /\.t$/,
  /^spec_helper\.rb$/i,
  /^(setup|test)-?(tests?|setup|env(ironment)?)\.[cm]?[jt]sx?$/i,
];

const benchmarkFiles = [
  /(^|\.)bench(mark)?s?\.[^.]+$/i,
  /^bench(mark)?s?_[^.]*\./i,
  /[_-]bench(mark)?s?\.[^.]+$/i,
  /^benchs?$/i,
];

const manifests = [
  /^(package|package-lock|npm-shrinkwrap|composer|bower|lerna|nx|turbo|rush|deno|import_map|vcpkg|global)\.jsonc?$/i,
  /\.lock(file)?$|^libs\.versions\.toml$/i,
  /^pnpm-.*\.ya?ml$|^pnpmfile\.[cm]?js$/i,
  /^bun\.lockb?$|^bunfig\.toml$/i,
  /^(cargo|pyproject|pixi|pipfile|rust-toolchain|project|manifest|uv|poetry|hatch)\.toml$|^rust-toolchain$|^build\.rs$/i,
  /^go\.(mod|sum|work|work\.sum)$/i,
  /^setup\.(py|cfg)$|^(requirements|constraints).*\.(txt|in)$|^pipfile|^manifest\.in$|^environment\.ya?ml$/i,
  /^gemfile|\.gemspec$|^rakefile$|^mix\.exs$|^rebar\.config$/i,
  /^pom\.xml$|^(build|settings)\.gradle|^gradle\.properties$|^gradlew(\.bat)?$|^build\.sbt$|^build\.xml$/i,
  /^cmakelists\.txt$|\.cmake$|^cmakepresets\.json$|^meson(_options)?\.(build|txt)$|^configure(\.ac|\.in)?$|\.gypi?$/i,
  /^(gnu)?makefile(\.|$)|\.mk$|^justfile$|^taskfile\.ya?ml$|^jakefile|^s?construct$|^sconscript$|^(build|workspace)(\.bazel)?$|^module\.bazel$/i,
  /\.(csproj|fsproj|vbproj|sln|props|targets)$|^nuget\.config$|^package\.(swift|resolved)$|^build\.zig(\.zon)?$|\.cabal$|^stack\.ya?ml$|\.nix$/i,
  /^pubspec\.ya?ml$|^podfile$|^conanfile\.|^wscript$|^premake5\.lua$|^xmake\.lua$|^cpanfile$|^deps\.edn$|^cabal\.project|^dune-project$|^build\.sc$|^snakefile$/i,
  /^dockerfile|^(docker-)?compose.*\.ya?ml$/i,
];

const toolFiles = [
  /^[tj]sconfig.*\.json$/i,
  /\.(config|conf)\.([cm]?[jt]s|json)$/i,
  /^(jest|vitest|mocha|jasmine|karma|ava|tap|playwright|cypress)([.-].*)?\.([cm]?[jt]sx?|json)$/i,
  /^(pytest|tox|mypy|setup)\.ini$|^(noxfile|tasks|fabfile)\.py$|^(pytest|ruff|biome|tslint|eslint|babel|rustfmt|clippy)\.(toml|jsonc?)$/i,
  /^(gruntfile|gulpfile)\./i,
  // Python runs these unasked.
  /\.pth$|^(sitecustomize|usercustomize)\.py$/i,
];
