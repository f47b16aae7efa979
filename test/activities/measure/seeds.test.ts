import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { Evidence } from '../../../domain/ledger/record.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import type { BenchmarkAnswer, PreparedLoop, Steps } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { judgeEvidence } from '../../../domain/verdict/judgement.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';
import { proposals } from '../../support/repository/target.ts';

const hasSandbox = findOnPath('bwrap') !== null;

/** Prints what the program computes: a metric that repeats to the last digit. */
const sum = { command: 'node sum.mjs', metric: { pattern: '^SUM ([0-9.]+)$' }, unit: 'sum', noise: 'exact' } as const;
const files = { 'sum.mjs': "import { total } from './src/total.mjs';\nconsole.log(`SUM ${total([5, 5])}`);\n" };

const answering = (title: string, answer: string, before = ''): Hypothesis => ({
  title: toLine(title),
  edits: [{ file: 'src/total.mjs', search: 'return sum;', replace: `${before}return ${answer};` }],
});
const seed = "process.env[['BENCH', 'SEED'].join('_')]";

describe.skipIf(!hasSandbox)('seeds, in a real sandbox (bring it with: node scripts/setup.mjs)', () => {
  let on: StepsOnTarget;
  let prepared: PreparedLoop;
  afterEach(() => on.remove());

  async function prepare(part: Partial<LoopConfigInput>): Promise<void> {
    on = await stepsOnTarget({ files });
    prepared = await on.prepare({ iterations: 9, ...part });
  }
  const call = <Out>(work: (steps: Steps) => Promise<Out>): Promise<Out> => on.call(work);
  async function judge(hypothesis: Hypothesis) {
    const { loopId, repository, champion } = prepared;
    const ref = { loopId, repository, champion, iteration: 1, startedAt: '2026-01-02T03:04:05.000Z' };
    const applied = await call((steps) => steps.apply({ ...ref, hypothesis }));
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const answer = await call((steps) => steps.benchmark({ ...ref, tree: applied.tree }));
    return { answer, facts: { ...ref, hypothesis, tree: applied.tree, attempts: 1, tokens: 0 } };
  }
  /** BENCH_SEED of every run of a command so far. */
  const seedsOf = (command: string) =>
    on.runs.filter((run) => run.command === command).map(({ environment }) => environment['BENCH_SEED']);
  const objectionOf = (answer: BenchmarkAnswer) => (answer.kind === 'judged' ? answer.objection : null);

  it('are set in every command of a loop, but for the runs that ask what happens without', async () => {
    const [setup, build, benchmark] = ['mkdir -p made', 'true', 'node bench.mjs'];
    await prepare({ setup, provided: ['made'], build, seed: 41 });
    await on.test(prepared, proposals.rename);
    await on.test(prepared, proposals.faster);
    expect(new Set(on.runs.map(({ command }) => command))).toEqual(
      new Set([setup, build, benchmark, 'node test.mjs', 'node -e 0']),
    );
    // Kept for later loops, so that they follow from the config.
    expect(new Set([...seedsOf(setup), ...seedsOf(build)])).toEqual(new Set(['41']));
    const inTests = seedsOf('node test.mjs');
    expect(inTests.length).toBeGreaterThan(2);
    expect(new Set(inTests).size).toBe(inTests.length);
    for (const one of [...inTests, ...seedsOf('node -e 0')]) expect(Number(one)).toBeLessThan(2 ** 32);
    expect(seedsOf(benchmark).filter((one) => one === undefined)).toHaveLength(1);
  });

  it('refuse a gain that is there with them only, and its evidence says so again', async () => {
    await prepare({ benchmark: sum });
    const { answer, facts } = await judge(answering('Halve', `${seed} && items[0] === 5 ? sum / 2 : sum`));
    const detail =
      "benchmark: with BENCH_SEED 50.0 % better, without it unchanged; the gain depends on the loop's seed; let the benchmark draw the same kind of input with BENCH_SEED and without it";
    expect(answer).toMatchObject({
      verdict: { verdict: 'accepted' },
      objection: { reason: 'uncorroborated', detail },
    });
    const verdict = answer.kind === 'judged' ? answer.verdict : null;
    const end = { ...facts, verdict };
    await expect(call((steps) => steps.commit(end))).rejects.toThrow('without it unchanged');
    await call((steps) => steps.rollback({ ...end, reason: 'uncorroborated' as const, detail }));
    const evidence = JSON.parse(
      await on.target.git('show', 'refs/karpathy-loop/loop/ledger:records/0/1.evidence.json'),
    ) as Evidence;
    expect(evidence.unseeded?.pairs.map(({ benchSeed, pair }) => [benchSeed, pair])).toEqual([
      [null, [10, 10]],
      [null, [10, 10]],
      [null, [10, 10]],
    ]);
    expect(judgeEvidence(evidence).objection).toEqual(objectionOf(answer));
  });

  it('refuse a candidate that fails without them', async () => {
    await prepare({ benchmark: sum });
    const { answer } = await judge(answering('Need the seed', 'sum / 2', `if (!${seed}) throw new Error('lost');\n`));
    expect(answer).toMatchObject({
      kind: 'failed',
      reason: 'benchmark-failed',
      detail: expect.stringMatching(/^without BENCH_SEED: benchmark: ended with exit code 1\n/) as string,
    });
  });

  it('are all that is asked for where the benchmark of the base needs one, which is said once', async () => {
    await prepare({ benchmark: { ...sum, command: 'test -n "$BENCH_SEED" && node sum.mjs' } });
    expect(prepared.summary).toContain('the benchmark fails without BENCH_SEED: no gain is checked without it');
    const { answer, facts } = await judge(answering('Halve', `${seed} && items[0] === 5 ? sum / 2 : sum`));
    expect(answer).toMatchObject({ verdict: { verdict: 'accepted' }, objection: null });
    const verdict = answer.kind === 'judged' ? answer.verdict : null;
    await call((steps) => steps.challenge({ ...facts, tree: facts.tree }));
    expect(await call((steps) => steps.commit({ ...facts, verdict }))).toMatchObject({ kind: 'committed' });
  });

  it('do not matter to a candidate that prints what the benchmark does not: it is refused', async () => {
    await prepare({ benchmark: sum });
    const { answer } = await judge(answering('Talk', 'sum / 2', "console.log('sum of all is known');\n"));
    expect(answer).toMatchObject({
      kind: 'failed',
      reason: 'benchmark-failed',
      detail:
        'benchmark: the output\'s form differs from the champion\'s: the champion printed nothing of the kind, the candidate "sum of all is known"; leave what the benchmark prints as it is',
    });
  });
});
