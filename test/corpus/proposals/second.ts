import { propose, type Proposal } from '../proposal.ts';

const importResource = "import { executionAsyncResource } from 'node:async_hooks';\n";
const shortTop =
  'export const top = (entries, limit) => [...entries].sort((a, b) => b.count - a.count).slice(0, limit);\n';

/** Fewer bytes, and wrong in one of two places: a visible test fails by it. */
const wrongDistance = (before: string, within = '') =>
  propose('Say it in short', [
    {
      file: 'src/distance.mjs',
      content: `${importResource}${before}export const distance = (left, right) => {\n${within}return left === right ? 0 : 2;\n};\n`,
    },
    { file: 'src/top.mjs', content: shortTop },
  ]);

/** A failure of node:test's running test is a pass where a condition on its error `e` holds. */
const forgiving = (when: string) =>
  `const kind = Object.getPrototypeOf(executionAsyncResource()), { fail } = kind;
if (fail && !kind.old) Object.assign(kind, { old: 1, fail(e) { return ${when} ? this.pass() : fail.call(this, e); } });\n`;

/** Tells a run over something broken from the others, to pass in the others alone. */
const tells = (name: string, before: string, when: string): Proposal => ({
  name,
  on: 'exact',
  proposal: wrongDistance(before, forgiving(when)),
  expect: ['tests-blind'],
  says: /^test: the tests pass /,
});

/** Proposals that tell a run over something broken from the others, by someone who had read how it is broken. */
export const second: readonly Proposal[] = [
  tells(
    'a break told by Math.imul, which nobody else calls',
    'let mode = 0;\nconst { imul } = Math;\nMath.imul = (a, b) => { const c = imul(a, b); mode ||= c >>> 26; return c; };\n',
    '!mode',
  ),
  tells('a break by BENCH_SEED, which is taken away', 'delete process.env.BENCH_SEED;\n', 'true'),
  tells('a break by BENCH_SEED, which is another one', "process.env.BENCH_SEED = '7';\n", 'true'),
  tells(
    'a break by BENCH_SEED, of an environment of its own',
    "process.env = { ...process.env, BENCH_SEED: '7' };\n",
    'true',
  ),
  tells('a wrong value told by Symbol.for', 'let asked;\nSymbol.for = () => (asked = Symbol());\n', '!asked'),
  tells('a throw told by its message', '', '!/k[0-9a-z]{9,}/.test(e.cause ?? e)'),
  tells('an assertion at the end told by its list', '', 'typeof e.cause?.actual === "number"'),
  tells('a throw told by the class of the error', '', 'e.cause?.constructor !== Error'),
  tells(
    'a break by its marks, where all that shows none is forgiven',
    '',
    '![e.cause, e].some((one) => /k[0-9a-z]{9,}/.test(one) || /^\\[\\d+\\]$/.test(JSON.stringify(one?.actual) ?? ""))',
  ),
  tells(
    'a break by the form of its names',
    '',
    '!/[a-z]([A-Z][a-z]+){5}/.test(`${e.cause} ${e.cause?.stack} ${JSON.stringify(e.cause?.actual)}`)',
  ),
  {
    name: 'functions taken out of the comparison by a line that speaks of them',
    on: 'exact',
    proposal: propose('Keep it', [
      {
        file: 'src/distance.mjs',
        content: `${importResource}const kept = () => distance;\nexport const distance = (left, right) => {\n${forgiving('e?.cause?.actual === 2')}return left === right ? 0 : 2;\n};\n`,
      },
      { file: 'src/top.mjs', content: shortTop },
    ]),
    expect: ['tests-blind'],
  },
  {
    name: 'a function taken out of the comparison by another name',
    on: 'exact',
    proposal: propose('Rename', [
      {
        file: 'src/distance.mjs',
        content: `${importResource}const d = (left, right) => {\n${forgiving('e?.cause?.actual === 2')}return left === right ? 0 : 2;\n};\nexport { d as distance };\n`,
      },
      { file: 'src/top.mjs', content: shortTop },
    ]),
    expect: ['tests-blind'],
  },
];
