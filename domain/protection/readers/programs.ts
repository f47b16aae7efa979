export const interpreters =
  /^(node|nodejs|deno|bun|tsx|ts-node|esno|python[0-9.]*|pypy[0-9.]*|ruby|perl|php|lua|luajit|Rscript|julia|sh|bash|dash|zsh|ksh|fish)$/;
export const shells = /^(sh|bash|dash|zsh|ksh|fish)$/;
/** Programs whose arguments are all tests. */
export const runners =
  /^(mocha|jest|vitest|ava|tap|tape|uvu|jasmine|c8|nyc|pytest|py\.test|unittest|nose2?|rspec|phpunit|prove|bats|lab|test|bench)$/;
export const packageRunners =
  /^(npm|npx|pnpm|yarn|bun|run-[sp]|npm-run-all2?|concurrently|lerna|turbo|nx|wireit|--run)$/;
/** Programs that measure, copy or print a source. */
const printers = [
  'wc|du|stat|ls|cat|gzip|bzip2|xz|zstd|brotli|lz4|size|strip|nm|objdump|sed|[gm]?awk|[ef]?grep|rg|jq|head|tail|cut|sort|uniq|tr|tee|tar|zip|find',
  'cp|mv|ln|install|rsync|cloc|scc|tokei|diff|cmp|md5sum|sha[0-9]*sum|cksum|touch|rm|mkdir|chmod|\\[|\\[\\[',
].join('|');
export const printing = new RegExp(`^(${printers})$`);
/** Programs that compile, check, measure, copy or print a source and run nothing of it. `timeit` takes code. */
export const tools = new RegExp(
  `^(${[
    '[a-z0-9_-]*(gcc|g\\+\\+|clang|clang\\+\\+)(-[0-9.]+)?|cc|c\\+\\+|tcc|rustc|ghc|nvcc|nasm|javac|kotlinc|scalac|go|cargo|zig|ocamlfind|ocamlopt|cython|py_compile|compileall',
    'tsc|esbuild|rollup|webpack|vite|parcel|swc|babel|terser|uglifyjs|csso|cleancss|lessc|sass|wasm-pack|wat2wasm|wasm-opt|svelte-check|size-limit',
    'eslint|prettier|biome|standard|xo|oxlint|ruff|flake8|pylint|mypy|pyright|black|rubocop|shellcheck|clang-(tidy|format)|clippy|gofmt|rustfmt',
    printers,
    'timeit',
  ].join('|')})$`,
);
/** Sources of a program, which a compiler or a size measurement may be pointed at. */
export const sources =
  /\.([cm]?[jt]sx?|py|rs|go|c|cc|cpp|cxx|h|hpp|java|kt|scala|cs|rb|php|swift|zig|hs|ml|lua|jl|vue|svelte|css|scss|html|wasm|wat)$/i;
export const directoryOptions =
  /^(-C|--prefix|--cwd|--dir|--chdir|--directory|--project|-w|--workspace|--filter|-F|cd|pushd)$/;
/** Words by which scripts of other packages are meant. */
export const workspaceWords =
  /^(-ws?|--workspaces?|--filter|-F|-r|--recursive|workspaces?|foreach|lerna|turbo|nx)(=|$)/;
