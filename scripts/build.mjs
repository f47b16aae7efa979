import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { build } from 'esbuild';
import { main, run } from './bring.mjs';
import { root } from './paths.mjs';

/*
 * `npm run build`, which `npm pack` calls: compiles the product into dist/. The files that it reads at run time lie there as in
 * the checkout (see adapters/own-files.ts), and the packages that it uses are part of it but those that are not JavaScript.
 */
const require = createRequire(import.meta.url);
const dist = join(root, 'dist');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const threads = { in: require.resolve('@temporalio/worker/lib/workflow/workflow-worker-thread'), out: 'worker/thread' };
const commonJs = `import { createRequire as createRequireHere } from 'node:module';
const [require, __filename, __dirname] = [createRequireHere(import.meta.url), import.meta.filename, import.meta.dirname];`;
/** Each, and each part that several share (chunks/), lies one folder deep: own-files.ts finds the top from there. */
const programs = ['client/cli', 'client/api', 'worker/worker', 'worker/preview'];
const boundedPrograms = [
  'adapters/parsers/parse-process',
  'activities/measure/profile-reader',
  'activities/search/search-process',
];
/** They hold more than JavaScript. */
const native = ['@temporalio/core-bridge', '@vscode/tree-sitter-wasm'];
const copied = [
  'adapters/models/embedded-engine.mjs',
  'adapters/profilers/python',
  'adapters/replay/node',
  'adapters/replay/python',
  'adapters/tool-versions.json',
  'client/karpathy-loop.mjs',
  'scripts/bring.mjs',
  'scripts/paths.mjs',
  'scripts/setup.mjs',
  // Versions of a deployment are told apart by these sources.
  'workflows',
];

/** Adapts packages to compiled files, and to commands that last a moment. */
const adapted = {
  name: 'adapted',
  setup({ onLoad, onResolve, resolve }) {
    const adapt = (file, toContents) =>
      onLoad({ filter: new RegExp(`node_modules/${file}$`) }, ({ path }) => ({
        contents: toContents(readFileSync(path, 'utf8')),
      }));
    // The bundler, with webpack, has done its work here.
    adapt('@temporalio/worker/lib/workflow/bundler.js', () => 'exports.defaultWorkflowInterceptorModules = [];');
    adapt('@temporalio/worker/lib/workflow/threaded-vm.js', (text) =>
      replaceOnce(text, "require.resolve('./workflow-worker-thread')", "require.resolve('../worker/thread.js')"),
    );
    adapt('source-map/lib/read-wasm.js', (text) =>
      replaceOnce(text, 'path.join(__dirname, "mappings.wasm")', "require.resolve('../worker/mappings.wasm')"),
    );
    // Building the message types takes most of a short command's start: those of Temporal Cloud, and HTTP paths, have no use.
    adapt('@temporalio/proto/protos/json-module.js', (text) => {
      const [, before, types, after] = /^(.*\.addJSON\()(\{.*\})(\);.*)$/s.exec(text);
      return `${before}JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(types), withoutUnused))})${after}`;
    });
    // The same release lies in each package.
    onResolve({ filter: /^protobufjs(\/|$)/ }, ({ path, importer, kind, pluginData }) =>
      pluginData || !importer.includes('/@temporalio/')
        ? null
        : resolve(path, { kind, resolveDir: dirname(require.resolve('@temporalio/proto')), pluginData: 'resolved' }),
    );
  },
};

function withoutUnused(key, value) {
  const isHttp = key === 'options' && Object.keys(value).some((name) => name.startsWith('(google.api.http)'));
  return isHttp || key === 'cloud' || key === 'parsedOptions' ? undefined : value;
}

await main(async () => {
  rmSync(dist, { recursive: true, force: true });
  const inputs = await compile();
  for (const path of copied) cpSync(join(root, path), join(dist, path), { recursive: true });
  cpSync(require.resolve('source-map/lib/mappings.wasm'), join(dist, 'worker', 'mappings.wasm'));
  const { scripts: _scripts, ...rest } = manifest;
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(rest, null, 2)}\n`);
  const workflowsPath = join(root, 'workflows', 'index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  writeFileSync(join(dist, 'workflows', 'bundle.js'), code.replaceAll(root, '.'));
  run('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root });
  const types = join(dist, 'types');
  const needed = declarationsOf(join(types, 'client', 'api.d.ts'));
  for (const path of readdirSync(types, { recursive: true }).map((name) => join(types, name)))
    if (path.endsWith('.ts') && !needed.has(path)) rmSync(path);
  // Definitions of queries and updates are no types of the interface, and Temporal's own types are not installed.
  const ofTemporal = /^export declare const \w+: import\("@temporalio\/\w+"\).*?>;$/gms;
  for (const path of needed) writeFileSync(path, readFileSync(path, 'utf8').replace(ofTemporal, ''));
  writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licenses(inputs));
});

/** Names of functions and lines stay, so that a stack can be read without source maps, which would slow each start. */
async function compile() {
  const { metafile } = await build({
    entryPoints: [...programs.map((name) => `${name}.ts`), ...boundedPrograms.map((name) => `${name}.mjs`), threads],
    absWorkingDir: root,
    outbase: root,
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.12',
    external: native,
    // Temporal's packages are CommonJS.
    banner: { js: commonJs },
    // Its entry for bundlers; the other loads parts by names that none can follow.
    alias: { 'jsonc-parser': require.resolve('jsonc-parser').replace('/umd/', '/esm/') },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [adapted],
  });
  return Object.keys(metafile.inputs);
}

function replaceOnce(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`build: "${from}" is not there once; see what has changed there`);
  return text.replace(from, to);
}

/** The file and those that it imports, in turn. */
function declarationsOf(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+)\.ts'/g))
    declarationsOf(join(dirname(file), `${path}.d.ts`), found);
  return found;
}

/** The licence of each package that is part of the compiled files. */
function licenses(inputs) {
  const packages = new Set(inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const texts = [...packages].sort().map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, directory)).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(root, directory, file), 'utf8').trim() : ''}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
