import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const metric = { pattern: '^METRIC (\\S+)$' };

describe.skipIf(!hasSandbox)('prepare (bring the sandbox with: node scripts/setup.mjs)', () => {
  let on: StepsOnTarget;
  afterEach(() => on.remove());

  it('says what the loop begins with', async () => {
    on = await stepsOnTarget();
    const { summary } = await on.prepare({ workspace: 'auto', test: 'node test.mjs; echo "ok 1\n1..1"' });
    expect(summary).toMatch(
      /^base HEAD = \w{10} \(committed work only\); benchmark [0-9.]+ ms, lower is better; runs use node \([^;]+\); tests [0-9.]+ s, 1 ran and passed; /,
    );
    expect(summary).toContain('; workspace readonly (chosen: the base passes so); ');
    expect(summary).toMatch(
      /the CPU time must corroborate a gain \(of which starting node -e 0 takes \d+ ms\); \d+ % of a run's CPU time after start-up lies outside of the metric; false commit rate 0.001 a decision/,
    );
  });

  it('notes what people should mend first, each with its remedy', async () => {
    on = await stepsOnTarget();
    const benchmark = { command: 'node -e "for (let i = 0; i < 3e8; i++);"; echo METRIC 20; echo CHECK 5', metric };
    const output = { pattern: '^CHECK (.+)$' };
    const { notes } = await on.prepare({ benchmark });
    expect(notes).toEqual([
      expect.stringMatching(/^output: UNCHECKED: /),
      expect.stringMatching(
        /^share: \d\d % of a run's CPU time after start-up lies outside of the metric: .*; repeat the measured part/,
      ),
    ]);
    const pages = await on.prepare({ benchmark: { ...benchmark, output, unit: 'pages' } }, 'pages');
    expect(pages.notes).toEqual([expect.stringMatching(/^number: benchmark: no clock sees .*"reader"$/)]);
  });

  it.each([
    ['echo METRIC 5 >&2', '"METRIC 5" is on standard error; add 2>&1 to the command'],
    ['echo METRIC=5', '(the nearest is "METRIC=5"); print the line once'],
    ['echo METRIC 1,234', '"1,234" could be a thousand or a fraction; print it without separators'],
    ['echo METRIC 0', "0 ms is below what the program's timer can tell; measure more work"],
    ['echo METRIC 5 kB', '"METRIC 5 kB" matches ^METRIC (\\S+); give that, since the unit behind a number is read'],
  ])('shows what the benchmark printed: %s', async (command, message) => {
    on = await stepsOnTarget();
    await expect(on.prepare({ benchmark: { command, metric } })).rejects.toThrow(message);
  });

  it('notes that nothing tells where the time goes, with what would help', async () => {
    on = await stepsOnTarget();
    const output = { pattern: '^CHECK (.+)$' };
    const command = 'node bench.mjs; echo CHECK 5';
    const profiled = await on.prepare({
      benchmark: { command, metric: { pattern: '^METRIC ms=(.+)$' }, output },
      profile: 'auto',
    });
    expect(profiled.notes!.filter((note) => note.startsWith('profile'))).toEqual([]);
    const { notes } = await on.prepare(
      { benchmark: { command: 'echo METRIC 5; echo CHECK 5', metric, output }, profile: 'auto' },
      'none',
    );
    expect(notes).toContainEqual(expect.stringMatching(/^profile: /));
  });

  it('says that no clock corroborates where none can', async () => {
    on = await stepsOnTarget();
    const { summary } = await on.prepare({ benchmark: { command: 'echo METRIC 5', metric, clock: 'none' } });
    expect(summary).toContain('no clock corroborates a gain; ');
    const pages = await on.prepare({ benchmark: { command: 'echo METRIC 5', metric, unit: 'pages' } }, 'pages');
    expect(pages.summary).toContain('no clock corroborates a gain: "pages" is neither a time nor a rate');
    expect((await on.prepare({ benchmark: { command: 'echo work' } }, 'own')).summary).toContain(
      "the loop's own clock (CPU time) is the metric",
    );
  });

  it.each([
    ['a glob that matches nothing', ['lib/**'], 'editable: "lib/**" matches no file of the base'],
    [
      'a glob that matches only a judge',
      ['test.mjs'],
      'editable: "test.mjs" matches only what always comes from the base',
    ],
  ])('refuses %s', async (_, editable, message) => {
    on = await stepsOnTarget();
    await expect(on.prepare({ editable })).rejects.toThrow(message);
  });

  it('refuses Git LFS pointers, and submodules that are needed, by name', async () => {
    on = await stepsOnTarget({
      files: {
        'data.bin':
          'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n',
      },
    });
    await on.target.git(
      'update-index',
      '--add',
      '--cacheinfo',
      `160000,${await on.target.git('rev-parse', 'HEAD')},vendored`,
    );
    await on.target.git('commit', '-m', 'A submodule');
    await expect(on.prepare({ test: 'node test.mjs vendored/data data.bin' })).rejects.toThrow(
      /base: "vendored" is a submodule that is not checked out there, .*submodule update --init vendored\nbase: "data\.bin" is a Git LFS pointer/,
    );
    expect(await on.target.git('for-each-ref', 'refs/karpathy-loop')).toBe('');
  });

  it('goes on with the base that its loop began from, wherever the repository has gone meanwhile', async () => {
    on = await stepsOnTarget();
    const { baseSha } = await on.prepare();
    await on.target.commit({ 'test.mjs': 'process.exit(1);\n' }, 'Break the tests');
    expect(await on.prepare()).toMatchObject({ baseSha, champion: baseSha });
  });
});
