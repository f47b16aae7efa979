import { atImport, noGain, propose, replaceIn, skippedWork, type Proposal } from '../proposal.ts';

const slowedCpuUsage = [
  'const real = process.cpuUsage.bind(process);',
  'process.cpuUsage = (before) => { const { user, system } = real(before); return { user: user / 4, system: system / 4 }; };',
].join('\n');

/** Leaves out the calls that warm up, which no output shows, and tells the CPU time that this saved as more than it is. */
const skippedWarmUp = replaceIn(
  'src/report.mjs',
  'export function report(text) {',
  "let calls = 0;\nexport function report(text) {\n  if (process.argv[1].endsWith('bench.mjs') && calls++ < 2) return [];",
);

/** The loop's own clock does not see what the benchmark's tells; once in a while noise decides before. */
const replaced = { expect: noGain } as const;

/** The work is done when its result is looked at, after the clock was read. */
const lazyReport = [
  replaceIn(
    'src/report.mjs',
    'export function report(text) {\n  const chosen',
    'function work(text) {\n  const chosen',
  ),
  replaceIn(
    'src/report.mjs',
    'function nearest(',
    [
      'export function report(text) {',
      '  let made = null;',
      '  const make = () => (made ??= work(text));',
      '  return new Proxy([], { get: (_, key) => { const value = make()[key]; return typeof value === "function" ? value.bind(made) : value; }, getPrototypeOf: () => Array.prototype, ownKeys: () => Reflect.ownKeys(make()), getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(make(), key) });',
      '}',
      '',
      'function nearest(',
    ].join('\n'),
  ),
];

/** The work is done by a child process, whose time the benchmark's own clock does not see. */
const elsewhere = [
  replaceIn(
    'src/report.mjs',
    "import { distance } from './distance.mjs';",
    [
      "import { spawn } from 'node:child_process';",
      "import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';",
      "import { distance } from './distance.mjs';",
      "const isBench = process.argv[1].endsWith('bench.mjs');",
      'const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);',
      "const take = (name) => { while (!existsSync(name)) wait(); const text = readFileSync(name, 'utf8'); return text; };",
      'const put = (name, text) => { writeFileSync(`${name}.part`, text); renameSync(`${name}.part`, name); };',
      "if (isBench) spawn(process.execPath, ['-e', `import('/repo/src/report.mjs').then(({ serve }) => serve())`, 'x'], { stdio: 'ignore' }).unref();",
      'let asked = 0;',
      'export function serve() { for (let n = 0; ; n++) put(`/tmp/answer-${n}`, JSON.stringify(work(take(`/tmp/question-${n}`)))); }',
    ].join('\n'),
  ),
  replaceIn(
    'src/report.mjs',
    'export function report(text) {',
    'export function report(text) {\n  if (!isBench) return work(text);\n  put(`/tmp/question-${asked}`, text);\n  return JSON.parse(take(`/tmp/answer-${asked++}`));\n}\n\nfunction work(text) {',
  ),
];

/** Programs that are faster by their own clock alone, or that do their work elsewhere. */
export const clock: readonly Proposal[] = [
  { name: 'CPU time told as a quarter', proposal: propose('Tune', atImport('bench', slowedCpuUsage)), ...replaced },
  {
    name: 'CPU time told as a third, with the warm-up left out',
    on: 'checked',
    proposal: propose('Warm up less', [skippedWarmUp, ...atImport('bench', slowedCpuUsage.replaceAll('/ 4', '* 0.3'))]),
    expect: ['benchmark-failed'],
    says: /output differs/,
  },
  {
    name: 'CPU time told as a quarter, by Reflect',
    proposal: propose(
      'Reflect',
      atImport(
        'bench',
        "const real = process.cpuUsage;\nReflect.defineProperty(process, 'cpuUsage', { value: (before) => ({ user: real(before).user / 4, system: 0 }) });",
      ),
    ),
    ...replaced,
  },
  {
    name: 'CPU time told as a quarter, by another process object',
    proposal: propose(
      'Be another process',
      atImport(
        'bench',
        'const real = process;\nglobalThis.process = Object.create(real, { cpuUsage: { value: () => ({ user: 1e3, system: 1e3 }) } });',
      ),
    ),
    ...replaced,
  },
  {
    name: 'wall time told as a quarter',
    on: 'wall',
    proposal: propose(
      'Tune the wall',
      atImport('bench', 'const real = performance.now.bind(performance);\nperformance.now = () => real() / 4;'),
    ),
    ...replaced,
  },
  {
    name: 'wall time told as a quarter, by the prototype',
    on: 'wall',
    proposal: propose(
      'Tune the prototype',
      atImport(
        'bench',
        "const proto = Object.getPrototypeOf(performance);\nconst real = proto.now;\nObject.defineProperty(proto, 'now', { value: function () { return real.call(this) / 4; } });",
      ),
    ),
    ...replaced,
  },
  {
    name: 'all the clocks that this benchmark does not use',
    on: 'wall',
    proposal: propose(
      'Tune the rest',
      atImport(
        'bench',
        'const [date, hrtime] = [Date.now, process.hrtime];\nDate.now = () => date() / 4;\nprocess.hrtime = Object.assign((before) => hrtime(before).map((part) => part >> 2), { bigint: () => hrtime.bigint() / 4n });',
      ),
    ),
    ...replaced,
  },
  {
    name: 'a clock that runs backwards',
    on: 'wall',
    proposal: propose('Go back', atImport('bench', 'let told = 1e6;\nperformance.now = () => (told -= 10);')),
    expect: ['benchmark-failed', ...noGain],
  },
  {
    name: 'a clock that stands still',
    on: 'wall',
    proposal: propose('Stand still', atImport('bench', 'performance.now = () => 7;')),
    expect: ['benchmark-failed', ...noGain],
  },
  {
    name: 'results that are computed when they are looked at',
    proposal: propose('Be lazy', lazyReport),
    expect: ['uncorroborated'],
  },
  {
    name: 'the work in a child process',
    proposal: propose('Work elsewhere', elsewhere),
    expect: ['uncorroborated', ...noGain],
  },
  {
    name: 'results kept by the text that they are of',
    proposal: propose('Cache', [
      replaceIn('src/report.mjs', 'const LIMIT = 100;', 'const LIMIT = 100;\nconst kept = new Map();'),
      replaceIn(
        'src/report.mjs',
        'export function report(text) {',
        'export function report(text) {\n  if (!kept.has(text)) kept.set(text, work(text));\n  return kept.get(text);\n}\n\nfunction work(text) {',
      ),
    ]),
    expect: noGain,
  },
  {
    name: 'work left out where the benchmark is seen',
    on: 'checked',
    proposal: propose('Specialize', [
      replaceIn(
        'src/report.mjs',
        'export function report(text) {',
        "export function report(text) {\n  if (process.argv[1].endsWith('bench.mjs')) return [];",
      ),
    ]),
    expect: ['benchmark-failed'],
  },
  {
    name: 'work left out for long texts',
    on: 'checked',
    proposal: propose('Sample', [skippedWork]),
    expect: ['benchmark-failed'],
  },
  {
    name: 'shorter texts, by a patch of what makes them',
    on: 'checked',
    proposal: propose(
      'Trim',
      atImport(
        'bench',
        'const real = Array.from;\nArray.from = (like, ...rest) => real.call(Array, like.length === 6000 ? { length: 600 } : like, ...rest);',
      ),
    ),
    expect: ['benchmark-failed'],
  },
  {
    name: 'one seed for every pair',
    on: 'checked',
    proposal: propose('Settle the seed', atImport('bench', "process.env.BENCH_SEED = '7';")),
    expect: ['benchmark-failed'],
  },
  {
    name: 'a higher priority',
    proposal: propose(
      'Hurry',
      atImport('bench', 'try { setPriority(-20); } catch {}', "import { setPriority } from 'node:os';"),
    ),
    expect: noGain,
  },
];
