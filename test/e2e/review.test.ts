import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WholeRecord } from '../../domain/ledger/iteration-text.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import { toLine } from '../../domain/text.ts';
import { call, type Called } from '../support/command-line.ts';
import { startScriptedServer } from '../support/models/scripted-server.ts';
import type { TestRepository } from '../support/repository/repository.ts';
import { createTarget, scriptedSource, sumInRounds, targetConfig } from '../support/repository/target.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { startServer } from '../support/server/temporal.ts';
import { createDataDirectory } from '../support/server/worker-process.ts';

const names = ['total', 'more', 'most'] as const;
const files = {
  ...Object.fromEntries(names.map((name) => [`src/${name}.mjs`, sumInRounds(name, 300)])),
  'test.mjs': [
    "import assert from 'node:assert';",
    ...names.map((name) => `import { ${name} } from './src/${name}.mjs';`),
    `for (const sum of [${names.join(', ')}]) assert.deepEqual([sum([1, 2, 3]), sum([])], [6, 0]);`,
    '',
  ].join('\n'),
};
const benchmark = {
  command: `awk '/^const ROUNDS/ { sum += $4 } END { print "METRIC ROUNDS = " sum ";" }' src/*.mjs`,
  metric: { pattern: '^METRIC ROUNDS = ([0-9]+);$' },
  unit: 'rounds',
  noise: 'exact',
} as const;
const inRounds = (name: (typeof names)[number], from: number, to: number): Hypothesis => ({
  title: toLine(`Sum ${name} in ${to} rounds`),
  rationale: toLine('A sum needs no rounds.'),
  edits: [{ file: `src/${name}.mjs`, search: `const ROUNDS = ${from};`, replace: `const ROUNDS = ${to};` }],
});
const wrong: Hypothesis = {
  title: toLine('Sum wrongly'),
  edits: [{ file: 'src/most.mjs', search: 'return sum;', replace: 'return sum + 1;' }],
};
/** Iterations 1, 2, 4 and 5 are committed; 4 stands on 1. */
const answers = [
  inRounds('total', 300, 100),
  inRounds('more', 300, 100),
  wrong,
  inRounds('total', 100, 40),
  inRounds('most', 300, 100),
];

describeWithServer('a loop that has ended is looked through, on real parts', () => {
  let server: TestWorkflowEnvironment;
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;

  beforeAll(async () => {
    server = await startServer();
    data = createDataDirectory();
    target = await createTarget(files);
    const source = `script=${JSON.stringify(scriptedSource(data.path, answers).command)}`;
    await run('led', { iterations: answers.length }, ['--command-source', source]);
  });
  afterAll(async () => {
    await target.remove();
    data.remove();
    await server.teardown();
  });

  const cli = (...args: string[]): Promise<Called> =>
    call([...args, '--data', join(data.path, 'data'), '--address', server.address], { cwd: target.path });
  async function run(id: string, part: object, flags: string[]): Promise<void> {
    const file = join(data.path, 'loop.json');
    writeFileSync(file, JSON.stringify(targetConfig(target.path, { profile: 'none', benchmark, ...part })));
    const { code, stderr } = await cli('run', '--foreground', file, '--id', id, ...flags);
    expect([code, stderr]).toEqual([0, '']);
  }

  it('show tells a commit, and what was refused, without a server', async () => {
    const shown = async (...args: string[]) => {
      const { code, stdout, stderr } = await call(['show', ...args, '--address', '127.0.0.1:1'], { cwd: target.path });
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    };
    const committed = await shown('1');
    const commit = (await target.git('rev-list', '--reverse', 'main..karpathy-loop/led')).split('\n')[0]!;
    expect(committed).toContain('iteration 1 of loop led\noutcome   committed\ntitle     Sum total in 100 rounds\n');
    expect(committed).toContain('\nmeasured  22.2 % better (exact, 2 pairs), rounds\n');
    expect(committed).toContain(`\ncommit    ${commit}\n`);
    expect(committed).toContain('-const ROUNDS = 300;\n+const ROUNDS = 100;\n');
    expect(committed).toMatch(/^--- pairs\n.*\n1 {2}900 +700 +0\.7778 +(champion|candidate)\n2 {2}900 /m);
    expect(committed).toMatch(/^--- prompt\n\{\n {2}"version": 2,/m);
    expect(committed).toContain(`--- answer\n${JSON.stringify(answers[0])}\n`);
    const refused = await shown('3', '--loop', 'led');
    expect(refused).toContain('outcome   rolled back (tests-failed): the tests failed on it\ntitle     Sum wrongly\n');
    expect(refused).toContain('+  return sum + 1;\n');
    expect(refused).toContain('\nmeasured  nothing\n');
    expect(JSON.parse(await shown('3', '--json'))).toMatchObject({
      record: { iteration: 3, reason: 'tests-failed' },
      evidence: null,
      asked: { leftOut: 0, questions: [{ attempt: 0, answer: JSON.stringify(wrong) }] },
    });
  });

  it('show has the prompt of a model, and its answer as it came', async () => {
    const models = [{ name: 'coder:7b', capabilities: ['completion'], parameters: '7.6B' }];
    const said = 'Loops are slow.\nYou could use fewer of them.';
    const ollama = await startScriptedServer(models, () => ({ content: said }));
    try {
      const hypothesis = { source: 'ollama', model: 'coder:7b', samples: 1, repairs: 0 } as const;
      const { code } = await cli(
        'run',
        '--foreground',
        await writeConfig({ hypothesis }),
        '--id',
        'asked',
        '--ollama-host',
        ollama.host,
      );
      expect(code).toBe(1);
    } finally {
      await ollama.stop();
    }
    const { stdout } = await cli('show', '1', '--loop', 'asked', '--json');
    const { record, asked } = JSON.parse(stdout) as WholeRecord;
    expect(record).toMatchObject({ reason: 'no-hypothesis', hypothesis: null });
    expect(asked?.questions[0]).toMatchObject({ attempt: 0, isAgain: false, answer: said });
    expect(asked?.questions[0]?.system).not.toBe('');
    expect(asked?.questions[0]?.prompt).toContain('const ROUNDS = 300;');
  });

  async function writeConfig(part: object): Promise<string> {
    const file = join(data.path, 'asked.json');
    writeFileSync(file, JSON.stringify(targetConfig(target.path, { profile: 'none', benchmark, ...part })));
    return Promise.resolve(file);
  }

  it.each([
    ['a number that is none', ['0'], 2, /^error: iteration: "0" is not a number from 1 on; give that of the report\n$/],
    [
      'an iteration that is not there',
      ['9', '--loop', 'led'],
      1,
      /^error: iteration: 9 of loop "led" has no record; "npx karpathy-loop report led" lists those that have one\n$/,
    ],
    ['a loop without a ledger', ['1', '--loop', 'other'], 1, /^error: loop: there is no "other" on this server; /],
    [
      'a loop that is not in the repository',
      ['1', '--loop', 'other', '--repository', '.'],
      1,
      /^error: loop: .* has no ledger of "other"; give its repository with --repository\n$/,
    ],
  ])('show refuses %s', async (_, args, code, message) => {
    const shown = await cli('show', ...args);
    expect([shown.code, shown.stdout]).toEqual([code, '']);
    expect(shown.stderr).toMatch(message);
  });
});
