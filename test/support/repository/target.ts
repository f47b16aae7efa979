import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import { createRepository, type TestRepository } from './repository.ts';
import { toLine } from '../../../domain/text.ts';

/** Text of a benchmark of the target. @param metric inside of a template literal, with `user` and `system` in microseconds */
export function benchmarkThatPrints(metric: string): string {
  return [
    "import { total } from './src/total.mjs';",
    'const items = Array.from({ length: 20_000 }, (_, index) => index);',
    'total(items);',
    'const before = process.cpuUsage();',
    'for (let repeat = 0; repeat < 8; repeat++) total(items);',
    'const { user, system } = process.cpuUsage(before);',
    `console.log(\`METRIC ${metric}\`);`,
    '',
  ].join('\n');
}

/**
 * A tiny real program with a test and a benchmark. ROUNDS is pure waste: a gain, a loss and a no-op are easy to
 * write.
 */
const files = {
  'src/total.mjs': `// Rounds of the sum.\n${sumInRounds('total', 300)}`,
  'test.mjs':
    "import assert from 'node:assert';\nimport { total } from './src/total.mjs';\nassert.equal(total([1, 2, 3]), 6);\nassert.equal(total([]), 0);\n",
  'bench.mjs': benchmarkThatPrints('ms=${(user + system) / 1000}'),
};

/** A benchmark of the target that repeats to the last digit, and so decides in one pair: the rounds that the source names. */
export const exactRounds = {
  command: 'sed -n "s/^const ROUNDS/METRIC ROUNDS/p" src/total.mjs',
  metric: { pattern: '^METRIC ROUNDS = ([0-9]+);$' },
  unit: 'rounds',
  noise: 'exact',
} as const;

/** The same, in runs that last long enough to be stopped in the middle. */
export const slowExactRounds = { ...exactRounds, command: `sleep 1 && ${exactRounds.command}` } as const;

/** Hypotheses on the target, by what should become of them. */
export const proposals = {
  faster: {
    title: toLine('Sum in 100 rounds'),
    edits: [{ file: 'src/total.mjs', search: 'const ROUNDS = 300;', replace: 'const ROUNDS = 100;' }],
  },
  fasterStill: {
    title: toLine('Sum in 25 rounds'),
    edits: [{ file: 'src/total.mjs', search: 'const ROUNDS = 100;', replace: 'const ROUNDS = 25;' }],
  },
  slower: {
    title: toLine('Sum in 600 rounds'),
    edits: [{ file: 'src/total.mjs', search: 'const ROUNDS = 300;', replace: 'const ROUNDS = 600;' }],
  },
  rename: {
    title: toLine('Rename a variable'),
    edits: [
      {
        file: 'src/total.mjs',
        search: 'for (const item of items) sum += item;',
        replace: 'for (const one of items) sum += one;',
      },
    ],
  },
  broken: {
    title: toLine('Sum wrongly'),
    edits: [{ file: 'src/total.mjs', search: 'return sum;', replace: 'return sum + 1;' }],
  },
  outside: { title: toLine('Make the test easy'), edits: [{ file: 'test.mjs', content: '' }] },
  silent: {
    title: toLine('Crash in the benchmark'),
    edits: [
      {
        file: 'src/total.mjs',
        search: 'let sum = 0;\n',
        replace: 'let sum = 0;\n  if (items.length > 10) process.exit(0);\n',
      },
    ],
  },
} satisfies Record<string, Hypothesis>;

export async function createTarget(extra: Record<string, string> = {}): Promise<TestRepository> {
  return createRepository({ ...files, ...extra });
}

export function targetConfig(repository: string, part: Partial<LoopConfigInput> = {}): LoopConfigInput {
  return {
    repository,
    editable: ['src/**'],
    test: 'node test.mjs',
    benchmark: { command: 'node bench.mjs', metric: { pattern: '^METRIC ms=([0-9.]+)$' } },
    workspace: 'readonly',
    iterations: 1,
    hypothesis: { source: 'command', command: 'script', repairs: 0 },
    limits: { testSeconds: 20, benchmarkSeconds: 20, memoryMiB: 512, processes: 64, outputKiB: 64, scratchMiB: 16 },
    ...part,
  };
}

/** A command source that prints one answer per iteration: a hypothesis, or any text as it is. Writes what it was told beside it. */
export function scriptedSource(
  directory: string,
  answers: readonly (Hypothesis | string)[],
): { command: string[]; briefs: string } {
  const [script, briefs] = [join(directory, 'source.mjs'), join(directory, 'briefs.jsonl')];
  writeFileSync(
    script,
    [
      "import { appendFileSync, readFileSync } from 'node:fs';",
      `const answers = ${JSON.stringify(answers.map((answer) => (typeof answer === 'string' ? answer : JSON.stringify(answer))))};`,
      'const brief = readFileSync(0, "utf8");',
      `appendFileSync(${JSON.stringify(briefs)}, brief.trim() + '\\n');`,
      'process.stdout.write(answers[(JSON.parse(brief).iteration - 1) % answers.length]);',
    ].join('\n'),
  );
  return { command: [process.execPath, script], briefs };
}

/** A module of a function that sums in needless rounds, by a named constant on its first line. */
export function sumInRounds(name: string, rounds: number): string {
  return [
    `const ROUNDS = ${rounds};`,
    `export function ${name}(items) {`,
    '  let sum = 0;',
    '  for (let round = 0; round < ROUNDS; round++) {',
    '    sum = 0;',
    '    for (const item of items) sum += item;',
    '  }',
    '  return sum;',
    '}',
    '',
  ].join('\n');
}
