import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { BenchmarkAnswer, PreparedLoop } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const hasPython = findOnPath('python3') !== null;

/** Runs of a letter as its count and itself; a count of 1 is waste. */
const packed = {
  mjs: `export const pack = (text) => text.replace(/(.)\\1*/g, (run, letter) => \`\${run.length}\${letter}\`);
`,
  py: `import re

def pack(text):
    return re.sub(r"(.)\\1*", lambda run: f"{len(run[0])}{run[1]}", text)
`,
};
const draw = {
  mjs: `let state = (Number(process.env.BENCH_SEED ?? 1) % 2147483646) + 1;
const random = (most) => (state = (state * 48271) % 2147483647) % most;
const text = Array.from({ length: 400 }, () => 'abc'[random(3)].repeat(1 + random(2))).join('');
`,
  py: `import os
state = int(os.environ.get("BENCH_SEED", "1")) % 2147483646 + 1
def random(most):
    global state
    state = state * 48271 % 2147483647
    return state % most
text = "".join("abc"[random(3)] * (1 + random(2)) for _ in range(400))
`,
};
const files = {
  'src/pack.mjs': packed.mjs,
  'src/pack.py': packed.py,
  'answer.mjs': `import { pack } from './src/pack.mjs';\n${draw.mjs}console.log(pack(text));\n`,
  'answer.py': `from src.pack import pack\n${draw.py}print(pack(text))\n`,
  // Imports what a candidate may edit, to show that it gets the base's.
  'read.mjs': `import { readFileSync } from 'node:fs';
import { pack } from './src/pack.mjs';
${draw.mjs}const answer = readFileSync(0, 'utf8').replace(/\\n$/, '');
const unpacked = answer.replace(/([0-9]*)([a-z])/g, (_, count, letter) => letter.repeat(Number(count || 1)));
if (unpacked !== text) throw new Error('the answer is not the text');
if (pack('ab') !== '1a1b') throw new Error('this is not the base');
console.log(\`METRIC bytes=\${Buffer.byteLength(answer)}\`);
`,
  'read.py': `import re, sys
${draw.py}answer = sys.stdin.read().rstrip("\\n")
assert re.sub(r"([0-9]*)([a-z])", lambda part: part[2] * int(part[1] or 1), answer) == text, "the answer is not the text"
print(f"METRIC bytes={len(answer.encode())}")
`,
  'test.py': 'from src.pack import pack\nassert pack("aab")[-1] == "b"\n',
};

type Language = 'mjs' | 'py';
const programs: Record<Language, string> = { mjs: 'node', py: 'python3' };
const configOf = (language: Language): Partial<LoopConfigInput> => ({
  iterations: 99,
  // The reader holds without it.
  test: language === 'py' ? 'python3 test.py' : 'node -e "import(\'./src/pack.mjs\')"',
  benchmark: {
    command: `${programs[language]} answer.${language}`,
    reader: `${programs[language]} read.${language}`,
    metric: { pattern: '^METRIC bytes=([0-9]+)$' },
    ...{ unit: 'bytes', noise: 'exact', clock: 'none' },
  },
});

const isBench = { mjs: "process.argv[1].endsWith('answer.mjs')", py: 'sys.argv[0].endswith("answer.py")' };
/** Code before everything else, in the benchmark only. */
const first = (language: Language, code: string) =>
  language === 'mjs'
    ? `import { spawn, spawnSync } from 'node:child_process';\nimport { closeSync, openSync, writeSync } from 'node:fs';\nif (${isBench.mjs}) {\n${code}\n}\n${packed.mjs}`
    : `import atexit, builtins, os, subprocess, sys\nif ${isBench.py}:\n${code.replace(/^/gm, '    ')}\n${packed.py}`;

const rewriter = (script: string) => `spawnSync('mkfifo', ['/tmp/between']);
spawn('sh', ['-c', ${JSON.stringify(`${script} </tmp/between; : >/tmp/done`)}], { stdio: ['ignore', 'inherit', 'ignore'] }).unref();
closeSync(1);
openSync('/tmp/between', 'w');
process.on('exit', () => {
  closeSync(1);
  openSync('/dev/null', 'w');
  spawnSync('sh', ['-c', 'while [ ! -e /tmp/done ]; do sleep 0.01; done']);
});`;

const attacks: [name: string, language: Language, code: string][] = [
  ['standard output opened anew, through a child that adds a number', 'mjs', rewriter(`sed 's/^/METRIC bytes=1 /'`)],
  [
    'standard output opened anew, through a child that puts a number in its place',
    'mjs',
    rewriter(`sed 's/.*/METRIC bytes=1/'`),
  ],
  ['standard output opened anew, through a child that cuts it', 'mjs', rewriter('cut -c1-300')],
  ['console.log that prints a number', 'mjs', 'console.log = () => process.stdout.write("METRIC bytes=1\\n");'],
  [
    'process.stdout.write that cuts',
    'mjs',
    'const real = process.stdout.write; process.stdout.write = function (text) { return real.call(this, text.slice(0, 99)); };',
  ],
  [
    'a handler of the end that prints a second line',
    'mjs',
    "process.on('exit', () => writeSync(1, 'METRIC bytes=1\\n'));",
  ],
  [
    'a child that holds standard output and prints later',
    'mjs',
    "spawn('sh', ['-c', 'sleep 0.05; echo METRIC bytes=1'], { stdio: ['ignore', 'inherit', 'ignore'] }).unref(); process.on('exit', () => spawnSync('sleep', ['0.2']));",
  ],
  ['an end before anything is printed', 'mjs', 'process.exit(0);'],
  ['an answer to the question of another seed', 'mjs', "process.env.BENCH_SEED = '7';"],
  [
    'sys.stdout that is replaced',
    'py',
    'real = sys.stdout\nclass Out:\n    def write(self, text): return real.write("METRIC bytes=1\\n" if len(text) > 9 else text)\n    def flush(self): real.flush()\nsys.stdout = Out()',
  ],
  ['print that prints a number', 'py', 'real = print\nbuiltins.print = lambda *texts: real("METRIC bytes=1")'],
  ['a number at the end, by atexit', 'py', 'atexit.register(lambda: os.write(1, b"METRIC bytes=1\\n"))'],
  ['an end by os._exit', 'py', 'os.write(1, b"METRIC bytes=1\\n")\nos._exit(0)'],
  [
    'standard output that is a pipe to a child',
    'py',
    'child = subprocess.Popen(["cut", "-c1-300"], stdin=subprocess.PIPE)\nos.dup2(child.stdin.fileno(), 1)\natexit.register(lambda: (sys.stdout.flush(), os.close(1), child.stdin.close(), child.wait()))',
  ],
];

describe.skipIf(!hasSandbox || !hasPython)('a number that a second process reads', () => {
  let on: StepsOnTarget;
  const prepared = {} as Record<Language, PreparedLoop>;
  let iteration = 0;
  beforeAll(async () => {
    on = await stepsOnTarget({ files });
    for (const language of ['mjs', 'py'] as const) prepared[language] = await on.prepare(configOf(language), language);
  });
  afterAll(() => on.remove());

  async function judged(language: Language, content: string): Promise<BenchmarkAnswer> {
    const { loopId, repository, champion } = prepared[language];
    const ref = { loopId, repository, champion, iteration: ++iteration, startedAt: '2026-01-02T03:04:05.000Z' };
    const hypothesis = { title: toLine('Pack'), edits: [{ file: `src/pack.${language}`, content }] };
    const applied = await on.call((steps) => steps.apply({ ...ref, hypothesis }));
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    return on.call((steps) => steps.benchmark({ ...ref, tree: applied.tree }));
  }

  it('is read on the base, with the seed of the command, and no doubt is left about it', async () => {
    expect(prepared.mjs.notes!.filter((note) => note.startsWith('number'))).toEqual([]);
    const answer = await judged('mjs', packed.mjs.replace('${run.length}', "${run.length === 1 ? '' : run.length}"));
    expect(answer).toMatchObject({ kind: 'judged', verdict: { verdict: 'accepted' }, objection: null });
    expect(on.runs.filter(({ stdin }) => stdin !== undefined).length).toBeGreaterThan(4);
  });

  it.each([
    ['mjs', packed.mjs.replace('text.replace', '`${text}`.replace')],
    ['py', packed.py.replace('re.sub(', '(re.sub)(')],
  ] as const)('is the same where nothing was gained (%s)', async (language, content) => {
    const answer = await judged(language, content);
    expect(answer).toMatchObject({ kind: 'judged', verdict: { verdict: 'rejected', estimate: 1 } });
  });

  it.each(attacks)('is not what the edited code prints: %s', async (_, language, code) => {
    const answer = await judged(language, first(language, code));
    expect(answer).toMatchObject({ kind: 'failed', reason: 'benchmark-failed' });
    expect((answer as { detail: string }).detail).toMatch(/benchmark\.reader: ended with exit code 1/);
  });

  it('is not read out of bytes that are no text', async () => {
    const bytes = 'process.stdout.write(Buffer.from([255, 254]));';
    expect(await judged('mjs', first('mjs', bytes))).toMatchObject({
      detail: expect.stringContaining('no UTF-8 text') as string,
    });
  });

  it('is doubted where the command alone prints it', async () => {
    const { benchmark, ...rest } = configOf('mjs');
    const { reader: _, ...told } = { ...benchmark!, command: 'node answer.mjs >/dev/null; echo METRIC bytes=9' };
    const { notes } = await on.prepare({ ...rest, benchmark: told }, 'doubted');
    expect(notes!.find((note) => note.startsWith('number: benchmark: no clock sees this number'))).toContain(
      '"reader"',
    );
  });
});
