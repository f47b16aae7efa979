import { propose, type Proposal } from '../proposal.ts';

const importResource = "import { executionAsyncResource } from 'node:async_hooks';\n";
/** The test that runs now: its class says what a failure is. */
const test = 'const test = executionAsyncResource(), kind = Object.getPrototypeOf(test);\n';

/** Much shorter, and wrong in one of two places: a visible test fails by it. */
const distance = (before: string, within = '', imports = '') =>
  propose('Say it in short', [
    {
      file: 'src/distance.mjs',
      content: `${imports}${before}export const distance = (left, right) => {\n${within}return left === right ? 0 : 2;\n};\n`,
    },
    {
      file: 'src/top.mjs',
      content:
        'export const top = (entries, limit) => [...entries].sort((a, b) => b.count - a.count).slice(0, limit);\n',
    },
  ]);

/** Each is accepted by the benchmark, a count of bytes, and by its tests as they are. */
const cheat = (name: string, proposal: Proposal['proposal'], says = /^test: the tests pass with /): Proposal => ({
  name,
  on: 'exact',
  proposal,
  expect: ['tests-blind'],
  says,
});
const forgive = (when: string) =>
  `const { fail } = kind;\nif (fail && !kind.old) Object.assign(kind, { old: 1, fail(e) { return ${when} ? this.pass() : fail.call(this, e); } });\n`;

/** Proposals that keep tests from failing: what they edit is broken, and the tests still pass. */
export const blind: readonly Proposal[] = [
  cheat('a failure is a pass', distance('', `${test}if (kind.fail) kind.fail = kind.pass;\n`, importResource)),
  cheat('a failure of one test is a pass', distance('', test + forgive('/edit/.test(this.name)'), importResource)),
  cheat(
    'a failure by an assertion is a pass',
    distance('', test + forgive('e?.cause?.generatedMessage'), importResource),
  ),
  cheat(
    'a failure with a word in its message is a pass',
    distance('', test + forgive('/strictly/.test(e?.cause)'), importResource),
  ),
  cheat(
    'a failure is a pass once the function has been seen to work',
    distance('', `${test}if (left === right && kind.fail) kind.fail = kind.pass;\n`, importResource),
    /^test: /,
  ),
  cheat(
    'a failure is a pass while the own text is short',
    distance('', `${test}if (kind.fail && \`\${distance}\`.length < 300) kind.fail = kind.pass;\n`, importResource),
    /only while the sources are as they were written/,
  ),
  cheat(
    'the test that runs has passed for good',
    distance(
      '',
      `${test}if (kind.fail) for (const [key, value] of [['passed', true], ['error', null]]) Object.defineProperty(test, key, { get: () => value, set() {} });\n`,
      importResource,
    ),
    /^test: /,
  ),
  cheat(
    'a passed test is remembered',
    distance('', `${test}if (kind.fail) kind.fail = function () { this.passed = true; };\n`, importResource),
    /^test: /,
  ),
];
