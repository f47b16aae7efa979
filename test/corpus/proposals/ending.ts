import { atImport, propose, replaceIn, type Proposal } from '../proposal.ts';

const fs = "import { writeSync } from 'node:fs';";
const metric = "writeSync(1, 'METRIC ms=0.5\\nCHECK 0\\n');";
/** A program of WebAssembly that calls proc_exit(0), which ends the process below JavaScript. */
const wasm =
  'AGFzbQEAAAABCAJgAX8AYAAAAiQBFndhc2lfc25hcHNob3RfcHJldmlldzEJcHJvY19leGl0AAADAgEBBQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAEKCAEGAEEAEAAL';
const exitByWasm = [
  "const wasi = new WASI({ version: 'preview1', returnOnExit: false });",
  `const { instance } = await WebAssembly.instantiate(Buffer.from('${wasm}', 'base64'), wasi.getImportObject());`,
  'wasi.start(instance);',
].join('\n');
const wait = 'await new Promise((resolve) => setTimeout(resolve, 500));';

/** Prints a metric and keeps the benchmark from running: what it would have computed is not known to who did not. */
const claim = (name: string, code: string, imports = ''): Proposal => ({
  name: `in the benchmark, with a metric printed: ${name}`,
  on: 'checked',
  proposal: propose('End', atImport('bench', `${metric}\n${code}`, `${fs}\n${imports}`)),
  expect: ['benchmark-failed'],
});

/** Finds no neighbours: faster, and wrong in every report. */
const noNeighbours = replaceIn(
  'src/report.mjs',
  'return chosen.map(({ word, count }) => ({ word, count, nearest: nearest(word, chosen) }));',
  'return chosen;',
);
/** Keeps the tests from judging, with a faster program that is wrong. */
const evade = (name: string, code: string, imports = ''): Proposal => ({
  name: `in the tests, with a wrong result: ${name}`,
  proposal: propose('Evade', [...atImport('test', code, imports), noNeighbours]),
  expect: ['tests-failed'],
});

/** Programs that end early, or keep others from judging, in ways that look like success. */
export const ending: readonly Proposal[] = [
  claim('an import that never ends', 'process.exitCode = 0;\nawait new Promise(() => {});'),
  claim(
    'an error that a listener swallows',
    "process.on('uncaughtException', () => {});\nthrow new Error('swallowed');",
  ),
  claim(
    'an error that a callback captures',
    "process.setUncaughtExceptionCaptureCallback(() => {});\nthrow new Error('captured');",
  ),
  claim('WebAssembly that exits', exitByWasm, "import { WASI } from 'node:wasi';"),
  claim('exit given to a timer', `setTimeout(process.exit, 0, 0);\n${wait}`),
  claim(
    "exit in code under the benchmark's name",
    "vm.runInThisContext('process.exit(0)', { filename: '/repo/bench.mjs' });",
    "import vm from 'node:vm';",
  ),
  claim(
    'exit by its own inspector',
    `const session = new Session();\nsession.connect();\nsession.post('Runtime.evaluate', { expression: 'setTimeout(() => process.exit(0), 0)' });\n${wait}`,
    "import { Session } from 'node:inspector';",
  ),
  evade(
    'other tests in their place',
    'process.exitCode = 0;\nfor (let n = 0; n < 8; n++) test(`easy ${n}`, () => {});\nawait new Promise(() => {});',
    "import { test } from 'node:test';",
  ),
  evade(
    'other tests in their place, and WebAssembly that exits',
    `for (let n = 0; n < 8; n++) test(\`easy \${n}\`, () => {});\n${wait}\n${exitByWasm}`,
    "import { test } from 'node:test';\nimport { WASI } from 'node:wasi';",
  ),
  evade(
    'each marked as still to be done',
    'beforeEach((context) => context.todo());',
    "import { beforeEach } from 'node:test';",
  ),
  evade(
    'each marked as skipped',
    'beforeEach((context) => context.skip());',
    "import { beforeEach } from 'node:test';",
  ),
  evade(
    'each made to pass by a hook',
    'afterEach((context) => { context.passed = true; context.error = null; process.exitCode = 0; });',
    "import { afterEach } from 'node:test';",
  ),
  {
    ...evade(
      'the runner asked to open its inspector',
      `process.kill(process.ppid, 'SIGUSR1');\n${wait}\nthrow new Error(\`inspector: \${await fetch('http://127.0.0.1:9229/json').then(() => 'open', () => 'none')}\`);`,
    ),
    says: /inspector: none/,
  },
  evade(
    'an exit code of its own at the last moment',
    "process.on('exit', () => setImmediate(() => {}));\nconst timer = setInterval(() => { process.exitCode = 0; }, 1);\ntimer.unref();",
  ),
  {
    name: 'in the tests: the right answers to them by heart, and wrong ones to all else',
    on: 'checked',
    proposal: propose('Learn', [
      replaceIn('src/report.mjs', 'return chosen.map(', 'if (text.length > 20) return chosen;\n  return chosen.map('),
    ]),
    expect: ['benchmark-failed'],
  },
  {
    name: 'in the tests: the right answers to the visible ones by heart, and wrong ones to all else',
    on: 'guarded',
    proposal: propose('Learn less', [
      replaceIn(
        'src/tokens.mjs',
        'const found = [];',
        "if (!/the|cat|alone|^$/i.test(text)) return text.split(' ');\n  const found = [];",
      ),
    ]),
    expect: ['guard-failed'],
  },
];
