import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WholeRecord } from '../../domain/ledger/iteration-text.ts';
import { parseRecord } from '../../domain/ledger/record.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import { toLine } from '../../domain/text.ts';
import { call, type Called } from '../support/command-line.ts';
import { startScriptedServer } from '../support/models/scripted-server.ts';
import { runGit, type TestRepository } from '../support/repository/repository.ts';
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

  const commitOf = async (iteration: number): Promise<string> => {
    const text = await target.git('show', `refs/karpathy-loop/led/ledger:records/0/${iteration}.json`);
    return parseRecord(text).candidate!.commit!;
  };

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

  it('pick makes a branch of two of four commits, tested and measured together, and it merges', async () => {
    const before = await target.snapshot();
    const picked = await cli('pick', '5', '2', '--loop', 'led');
    expect([picked.code, picked.stderr]).toEqual([0, '']);
    const branch = 'karpathy-loop/led-pick-2-5';
    const [second, fifth] = (await target.git('rev-list', '--reverse', `main..${branch}`)).split('\n');
    const base = (await target.git('rev-parse', 'main')).slice(0, 10);
    const original = await commitOf(5);
    expect(picked.stdout).toContain(
      [
        `branch    ${branch}, of 2 commits on ${base} in ${target.path}`,
        `commit    ${second!.slice(0, 10)} of iteration 2, made anew of ${(await commitOf(2)).slice(0, 10)}`,
        `commit    ${fifth!.slice(0, 10)} of iteration 5, made anew of ${original.slice(0, 10)}`,
        'together  44.4 % better (exact, 2 pairs), rounds',
        'verdict   a gain: the interval holds no other value',
        `merge     git merge ${branch}`,
        '',
      ].join('\n'),
    );
    const after = await target.snapshot();
    expect(after).toEqual({ ...before, refs: { ...before.refs, [`refs/heads/${branch}`]: fifth } });

    const log = await target.git(
      'log',
      '--format=%s|%an|%ai|%(trailers:key=Loop,valueonly,separator=)',
      `main..${branch}`,
    );
    const loop = await target.git(
      'log',
      '--format=%s|%an|%ai|%(trailers:key=Loop,valueonly,separator=)',
      'karpathy-loop/led',
    );
    for (const line of log.split('\n')) expect(loop.split('\n')).toContain(line);
    expect(await target.git('log', '-1', '--format=%b', branch)).toContain(`(cherry picked from commit ${original})`);

    // The same again makes nothing anew, measures no pair again, and has the text.
    const text = await cli('pick', '2', '5', '--loop', 'led', '--markdown');
    expect(text.code).toBe(0);
    expect(text.stdout).toContain('# `Sum more in 100 rounds` and 1 more: 44.4 % better (rounds)\n');
    expect(text.stdout).toContain(`| 5 | ${fifth!.slice(0, 10)} | `);
    expect(text.stdout).toContain(`\nkarpathy-loop verify ${branch}\nkarpathy-loop show 2 --loop led\n`);
    expect(await target.snapshot()).toMatchObject({ refs: { [`refs/heads/${branch}`]: fifth! } });
    const verified = await cli('verify', branch);
    expect([verified.code, verified.stderr]).toEqual([0, '']);

    const elsewhere = join(data.path, 'merged');
    await target.git('worktree', 'add', '--quiet', '-b', 'merged', elsewhere, 'main');
    await runGit(elsewhere, 'merge', '--quiet', '--no-ff', branch);
    const rounds = names.map(
      async (name) => /ROUNDS = (\d+)/.exec(await target.git('show', `merged:src/${name}.mjs`))?.[1],
    );
    expect(await Promise.all(rounds)).toEqual(['300', '100', '100']);
    await target.git('worktree', 'remove', '--force', elsewhere);
  });

  it('revert makes a branch without one commit; the others on its own base stay what they are', async () => {
    const { code, stdout, stderr } = await cli('revert', '5', '--loop', 'led', '--branch', 'slower', '--json');
    const last = await commitOf(4);
    expect([code, stderr]).toEqual([0, expect.stringContaining('measure 3 commits of loop led together')]);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ branch: 'slower', commit: last, verdict: 'confirmed', isGuarded: false },
      commits: [{ iteration: 1 }, { iteration: 2 }, { iteration: 4, commit: last, original: last }],
      headToHead: { ratio: 440 / 900 },
      samples: [{ pair: [900, 440] }, { pair: [900, 440] }],
    });
    expect(await target.git('rev-parse', 'slower')).toBe(last);
  });

  it.each([
    ['pick', '4', ''],
    ['revert', '1', ''],
    ['pick', '2', '--branch karpathy-loop/led'],
    ['pick', '2', '--branch main/more'],
    ['pick', '2', '--branch -x..'],
    ['pick', '2', '--branch karpathy-loop'],
  ])('%s %s %s is refused in one line, and leaves nothing behind', async (verb, iteration, flags) => {
    const before = await target.snapshot();
    const refused = await cli(verb, iteration, '--loop', 'led', ...flags.split(' ').filter(Boolean), '--json');
    const fourth = (await commitOf(4)).slice(0, 10);
    const conflict = `error: commit: ${fourth} of iteration 4 does not apply in "src/total.mjs" without the commits that were left out; choose those before it too, or leave it out\n`;
    const messages: Record<string, string> = {
      '--branch karpathy-loop/led': `error: branch: "karpathy-loop/led" is in ${target.path} already; give another name with --branch\n`,
      '--branch main/more': `error: branch: "main/more" cannot be made beside the branch "main" of ${target.path}; give another name with --branch\n`,
      '--branch -x..': 'error: branch: "-x.." is not a valid name; give another\n',
      '--branch karpathy-loop': `error: branch: "karpathy-loop" cannot be made beside the branch "karpathy-loop/led`,
    };
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr.slice(refused.stderr.indexOf('error: '))).toContain(messages[flags] ?? conflict);
    expect(await target.snapshot()).toEqual(before);
  });

  it.each([
    ['pick', ['3'], 'error: iteration: 3 was not committed (tests-failed); committed are 1, 2, 4, 5\n'],
    ['revert', ['9'], 'error: iteration: 9 has no record; committed are 1, 2, 4, 5\n'],
  ])('%s refuses %s before anything starts', async (verb, args, message) => {
    const { code, stdout, stderr } = await call([verb, ...args, '--loop', 'led', '--address', '127.0.0.1:1'], {
      cwd: target.path,
    });
    expect([code, stdout, stderr]).toEqual([1, '', message]);
  });

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
