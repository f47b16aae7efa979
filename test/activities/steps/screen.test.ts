import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import type { IterationRef, PreparedLoop, ScreenAnswer } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { exactRounds, proposals } from '../../support/repository/target.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const rounds = (count: number): Hypothesis => ({
  title: toLine(`Sum in ${count} rounds`),
  edits: [{ file: 'src/total.mjs', search: 'const ROUNDS = 300;', replace: `const ROUNDS = ${count};` }],
});
const commented: Hypothesis = {
  title: toLine('Say it better'),
  edits: [{ file: 'src/total.mjs', search: '// Rounds of the sum.', replace: '// How often.' }],
};

describe.skipIf(findOnPath('bwrap') === null)('screening (bring its sandbox with: node scripts/setup.mjs)', () => {
  let on: StepsOnTarget;
  let prepared: PreparedLoop;
  let ref: IterationRef;
  beforeAll(async () => {
    on = await stepsOnTarget();
    prepared = await on.prepare({ benchmark: exactRounds, iterations: 20 });
    const { loopId, repository, champion } = prepared;
    ref = { loopId, repository, champion, iteration: 1, startedAt: '2026-01-02T03:04:05.000Z' };
  });
  afterAll(() => on.remove());

  const screen = (iteration: number, ...hypotheses: Hypothesis[]): Promise<ScreenAnswer> =>
    on.call((steps) => steps.screen({ ...ref, iteration, hypotheses }));
  const told = ({ screened }: ScreenAnswer) => screened.map(({ title, where }) => `${title}: ${where}`);

  it('lets the most promising go on and tells what fell where and what it cost', async () => {
    const answer = await screen(
      1,
      proposals.broken,
      proposals.outside,
      rounds(200),
      proposals.silent,
      rounds(100),
      commented,
    );
    expect(answer).toMatchObject({ kind: 'chosen', hypothesis: { title: 'Sum in 100 rounds' } });
    expect(told(answer)).toEqual([
      'Sum wrongly: tests',
      'Make the test easy: edit',
      'Sum in 200 rounds: pairs',
      'Crash in the benchmark: pairs',
      'Say it better: duplicate',
    ]);
    const [wrong, , pair, , same] = answer.screened;
    expect(wrong).toMatchObject({
      detail: expect.stringContaining('AssertionError') as string,
      program: expect.any(String) as string,
    });
    expect(pair).toMatchObject({ ratio: 0.666667, detail: '33.3 % better by the median of 1 pair' });
    expect(same!.detail).toBe('same program as the champion: comments, white space or local names alone differ');
    expect(answer.screened.every(({ seconds }) => seconds > 0)).toBe(true);
  });

  it('runs nothing again of what is finished, and its pairs are no evidence', async () => {
    const first = await screen(2, rounds(150), rounds(120));
    const runs = on.runs.length;
    const again = await screen(2, rounds(150), rounds(120));
    expect([again.hypothesis, told(again), on.runs.length]).toEqual([first.hypothesis, told(first), runs]);
    const applied = await on.call((steps) => steps.apply({ ...ref, iteration: 2, hypothesis: again.hypothesis }));
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const input = { ...ref, iteration: 2, tree: applied.tree };
    // The visible tests passed on this very tree.
    expect(await on.call((steps) => steps.test(input))).toMatchObject({ kind: 'passed' });
    expect(on.runs.length).toBe(runs);
    const judged = await on.call((steps) => steps.benchmark(input));
    expect(judged).toMatchObject({ kind: 'judged', verdict: { verdict: 'accepted', pairs: 2 } });
    const decided = join(on.data, 'loops', 'loop', 'iterations', '2');
    expect(readdirSync(join(decided, 'decisions'))).toEqual([applied.tree]);
    expect(readdirSync(join(decided, 'screened'))).toContain(applied.tree);
  });

  it('goes on with the pairs that are there where it was killed in the middle', async () => {
    await screen(3, rounds(90), rounds(80));
    const screened = join(on.data, 'loops', 'loop', 'iterations', '3', 'screened');
    const results = readdirSync(screened).map((tree) => join(screened, tree, 'result.json'));
    expect(results).toHaveLength(2);
    rmSync(results[0]!);
    const before = on.runs.length;
    expect(await screen(3, rounds(90), rounds(80))).toMatchObject({
      kind: 'chosen',
      hypothesis: { title: 'Sum in 80 rounds' },
    });
    // The tests alone: its pair lies in the journal.
    expect([on.runs.length - before, existsSync(results[0]!)]).toEqual([1, true]);
  });

  it('draws no pair of one that alone passed its tests: there is nothing to choose', async () => {
    const answer = await screen(6, proposals.broken, rounds(60), proposals.outside);
    expect(answer).toMatchObject({ kind: 'chosen', hypothesis: { title: 'Sum in 60 rounds' } });
    expect(told(answer)).toEqual(['Sum wrongly: tests', 'Make the test easy: edit']);
    const screened = join(on.data, 'loops', 'loop', 'iterations', '6', 'screened');
    expect(readdirSync(screened).flatMap((tree) => readdirSync(join(screened, tree)))).toEqual([
      'result.json',
      'result.json',
    ]);
  });

  it('gives the reason of the one that came furthest where all fall, so that it can be repaired', async () => {
    const answer = await screen(4, proposals.outside, proposals.broken, commented);
    expect(answer).toMatchObject({
      kind: 'failed',
      reason: 'tests-failed',
      detail: expect.stringContaining('AssertionError') as string,
      hypothesis: { title: 'Sum wrongly' },
      tree: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    });
    expect(told(answer)).toEqual(['Make the test easy: edit', 'Say it better: duplicate']);
  });

  it('takes what differs in comments alone for the champion, before anything runs', async () => {
    const before = on.runs.length;
    expect(await on.call((steps) => steps.apply({ ...ref, iteration: 5, hypothesis: commented }))).toMatchObject({
      kind: 'refused',
      reason: 'duplicate',
      detail: 'same program as the champion: comments, white space or local names alone differ',
    });
    expect(on.runs.length).toBe(before);
  });

  it('draws one pair of each where the metric varies, and more of the better half alone', async () => {
    const varying = await on.prepare({ iterations: 20 }, 'varying');
    const of = { ...ref, loopId: varying.loopId, champion: varying.champion };
    const hypotheses = [rounds(3), rounds(900), rounds(1200), rounds(6)];
    const answer = await on.call((steps) => steps.screen({ ...of, iteration: 1, hypotheses }));
    expect(answer).toMatchObject({
      kind: 'chosen',
      hypothesis: { title: expect.stringMatching(/^Sum in [36] rounds$/) as string },
    });
    const directory = join(on.data, 'loops', 'varying', 'iterations', '1', 'screened');
    const details = readdirSync(directory).map(
      (tree) => (JSON.parse(readFileSync(join(directory, tree, 'result.json'), 'utf8')) as { detail: string }).detail,
    );
    const count = (text: string) => details.filter((detail) => detail.endsWith(text)).length;
    expect([count('of 1 pair'), count('of 3 pairs')]).toEqual([2, 2]);
  });
});
