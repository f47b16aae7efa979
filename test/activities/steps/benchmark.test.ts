import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import { judgeEvidence } from '../../../domain/verdict/judgement.ts';
import type { Evidence, IterationRecord } from '../../../domain/ledger/record.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';
import type { BenchmarkAnswer, IterationFacts, PreparedLoop, Steps } from '../../../domain/steps.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';
import { exactRounds, proposals } from '../../support/repository/target.ts';
import { toLine } from '../../../domain/text.ts';

const hasSandbox = findOnPath('bwrap') !== null;

/** More metrics that repeat to the last digit: what the program computes, and the size of its file. */
const sum = { command: 'node sum.mjs', metric: { pattern: '^SUM ([0-9.]+)$' }, unit: 'sum', noise: 'exact' } as const;
const size = {
  name: 'size',
  command: 'wc -c <src/total.mjs',
  metric: { pattern: '^([0-9]+)$' },
  noise: 'exact',
} as const;
const files = {
  'sum.mjs': "import { total } from './src/total.mjs';\nconsole.log(`SUM ${total([5, 5])}`);\n",
  'check.mjs':
    "import { total } from './src/total.mjs';\nawait import('./bench.mjs');\nconsole.log(`CHECK ${total([1, 2, 3])}`);\n",
};

const edit = (title: string, search: string, replace: string): Hypothesis => ({
  title: toLine(title),
  edits: [{ file: 'src/total.mjs', search, replace }],
});
/** What the benchmark times becomes nothing, and the work is done after it. */
const deferred = edit(
  'Answer later',
  'export function total(items) {',
  `let known = null;
export function total(items) {
  if (known !== null && items.length > 10) return known;
  if (known === null && items.length > 10) process.once('exit', () => { for (let repeat = 0; repeat < 9; repeat++) sumOf(items); });
  return (known = sumOf(items));
}
function sumOf(items) {`,
);
const unsteady = edit('Compute at random', 'return sum;', 'return sum * Math.random() * 0.5 + 1;');
const padded = edit(
  'Fewer rounds in more words',
  'const ROUNDS = 300;',
  `const ROUNDS = 100;\n// ${'word '.repeat(40)}`,
);
const slowed: Hypothesis = {
  title: toLine('Fewer rounds, each of them longer'),
  edits: [
    { file: 'src/total.mjs', search: 'const ROUNDS = 300;', replace: 'const ROUNDS = 100;' },
    {
      file: 'src/total.mjs',
      search: 'for (const item of items) sum += item;',
      replace: 'for (let n = 0; n < 9; n++) { sum = 0; for (const item of items) sum += item; }',
    },
  ],
};

describe.skipIf(!hasSandbox)(
  'benchmark, on real git and a real sandbox (bring it with: node scripts/setup.mjs)',
  () => {
    let on: StepsOnTarget;
    let prepared: PreparedLoop;
    afterEach(() => on.remove());

    async function prepare(part: Partial<LoopConfigInput>): Promise<void> {
      on = await stepsOnTarget({ files });
      prepared = await on.prepare({ iterations: 9, ...part });
    }
    const call = <Out>(work: (steps: Steps) => Promise<Out>): Promise<Out> => on.call(work);
    async function commit(facts: IterationFacts) {
      await call((steps) => steps.challenge({ ...facts, tree: facts.tree! }));
      return call((steps) => steps.commit(facts));
    }

    interface Judged {
      benchmarked: BenchmarkAnswer;
      facts: IterationFacts;
      /** Sandboxed runs of the benchmark step, without those of the tests. */
      runs: number;
      pairs: MeasuredPair[];
      again: () => Promise<BenchmarkAnswer>;
    }
    async function judge(iteration: number, hypothesis: Hypothesis): Promise<Judged> {
      const { loopId, repository, champion } = prepared;
      const ref = { loopId, repository, champion, iteration, startedAt: '2026-01-02T03:04:05.000Z' };
      const applied = await call((steps) => steps.apply({ ...ref, hypothesis }));
      if (applied.kind !== 'applied') throw new Error(applied.detail);
      const measured = () => on.runs.filter(({ command }) => command !== 'node test.mjs').length;
      const before = measured();
      const benchmark = () => call((steps) => steps.benchmark({ ...ref, tree: applied.tree }));
      const benchmarked = await benchmark();
      const verdict = benchmarked.kind === 'judged' ? benchmarked.verdict : null;
      const facts = { ...ref, hypothesis, tree: applied.tree, verdict, attempts: 1, tokens: 0 };
      return {
        benchmarked,
        facts,
        runs: measured() - before,
        pairs: journalled(iteration, applied.tree),
        again: benchmark,
      };
    }
    const decisionOf = (iteration: number, tree: string) =>
      join(on.data, 'loops/loop/iterations', String(iteration), 'decisions', tree);
    function journalled(iteration: number, tree: string): MeasuredPair[] {
      const lines = readFileSync(join(decisionOf(iteration, tree), 'pairs.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .slice(1);
      return lines.map((line) => JSON.parse(line.slice(17)) as MeasuredPair);
    }
    async function inLedger(iteration: number): Promise<{ record: IterationRecord; evidence: Evidence }> {
      const show = (ending: string) =>
        on.target.git('show', `refs/karpathy-loop/loop/ledger:records/0/${iteration}.${ending}`);
      return {
        record: JSON.parse(await show('json')) as IterationRecord,
        evidence: JSON.parse(await show('evidence.json')) as Evidence,
      };
    }

    it("commits no gain that the loop's own clock did not see, and keeps both figures", async () => {
      await prepare({});
      const { benchmarked, facts } = await judge(1, deferred);
      expect(benchmarked).toMatchObject({
        kind: 'judged',
        verdict: { verdict: 'rejected' },
        objection: { reason: 'uncorroborated' },
      });
      const detail = benchmarked.kind === 'judged' && benchmarked.objection!.detail;
      expect(detail).toMatch(
        /^benchmark\.clock: the metric claims .* better, and the loop's own clock \(CPU time of the command\) saw /,
      );
      await expect(call((steps) => steps.commit(facts))).rejects.toThrow(
        /does not accept .* \(benchmark\.clock: the metric claims/,
      );
      await call((steps) => steps.rollback({ ...facts, reason: 'uncorroborated' as const, detail: String(detail) }));
      const { record, evidence } = await inLedger(1);
      expect(record).toMatchObject({
        outcome: 'rolledBack',
        reason: 'uncorroborated',
        verdict: { verdict: 'rejected' },
      });
      expect(evidence.corroboration!.claimed).toBeLessThan(0.95);
      expect(evidence.corroboration!.seen).toBeGreaterThan(0.95);
      expect(judgeEvidence(evidence)).toEqual({
        verdict: record.verdict,
        corroboration: evidence.corroboration,
        side: [],
        objection: { reason: 'uncorroborated', detail },
      });
    });

    it('corroborates a real gain, whose output is the same, and lets its evidence be recomputed', async () => {
      await prepare({
        benchmark: {
          command: 'node check.mjs',
          metric: { pattern: '^METRIC ms=([0-9.]+)$' },
          output: { pattern: '^CHECK (.+)$' },
        },
      });
      const startUps = () => on.runs.filter(({ command }) => command === 'node -e 0').length;
      const known = startUps();
      const { benchmarked, facts, again } = await judge(1, proposals.faster);
      expect(benchmarked).toMatchObject({ kind: 'judged', verdict: { verdict: 'accepted' }, objection: null });
      // On a machine that is loaded now, the start-up of an hour ago would not do.
      expect(startUps()).toBe(known + 3);
      expect(await again()).toEqual({
        ...benchmarked,
        seconds: expect.any(Number) as number,
        waited: expect.any(Number) as number,
      });
      expect(startUps()).toBe(known + 3);
      expect(await commit(facts)).toMatchObject({ kind: 'committed' });
      const { record, evidence } = await inLedger(1);
      expect(evidence.corroboration!.seen).toBeLessThan(0.95);
      expect(judgeEvidence(evidence)).toMatchObject({
        verdict: record.verdict,
        corroboration: evidence.corroboration,
        objection: null,
      });

      const broken = await judge(2, proposals.broken);
      expect(broken.benchmarked).toMatchObject({
        kind: 'failed',
        reason: 'benchmark-failed',
        detail: 'output differs: the champion computed "6", the candidate "7"',
      });
      // Once failed, failed: a later attempt does not draw until it passes.
      const before = on.runs.length;
      expect(await broken.again()).toMatchObject({
        kind: 'failed',
        detail: 'output differs: the champion computed "6", the candidate "7"',
      });
      expect(on.runs.length).toBe(before);
      await expect(call((steps) => steps.commit(broken.facts))).rejects.toThrow('does not accept');
    });

    it('seeds the input of every pair anew, the same for both sides', async () => {
      await prepare({
        benchmark: { command: 'echo "SEED $BENCH_SEED"', metric: { pattern: '^SEED ([0-9]+)$' }, clock: 'none' },
      });
      const { benchmarked, pairs, runs } = await judge(1, proposals.rename);
      expect(benchmarked).toMatchObject({ kind: 'judged', verdict: { verdict: 'rejected' } });
      expect(pairs.map(({ pair }) => pair)).toEqual(pairs.map(({ benchSeed }) => [benchSeed, benchSeed]));
      expect(new Set(pairs.map(({ benchSeed }) => benchSeed)).size).toBe(pairs.length);
      expect(runs).toBe(2 * (pairs.length + 1));
    });

    it('decides an exact metric in one run of each side, and confirms a gain in one more and one without a seed', async () => {
      await prepare({ benchmark: exactRounds });
      const [equal, worse, good] = [
        await judge(1, proposals.rename),
        await judge(2, proposals.slower),
        await judge(3, proposals.faster),
      ];
      expect(equal).toMatchObject({
        runs: 2,
        benchmarked: { verdict: { verdict: 'rejected', pairs: 1, estimate: 1, interval: [1, 1] } },
      });
      expect(worse).toMatchObject({
        runs: 2,
        benchmarked: { verdict: { verdict: 'rejected', pairs: 1, estimate: 2 } },
      });
      expect(good).toMatchObject({
        runs: 6,
        benchmarked: { objection: null, verdict: { verdict: 'accepted', pairs: 2, reported: { ratio: 100 / 300 } } },
      });
      const [seed, ...others] = good.pairs.map(({ benchSeed }) => benchSeed);
      expect(others).toEqual([seed]);
      // Nobody knew it: neither the config's nor that of another decision.
      expect(new Set([seed, equal.pairs[0]!.benchSeed, worse.pairs[0]!.benchSeed, 1]).size).toBe(4);
      expect(await commit(good.facts)).toMatchObject({ kind: 'committed' });
      expect((await inLedger(3)).evidence).toMatchObject({ corroboration: null, fresh: [] });
    });

    it('compares what scales its unit itself, and refuses a number that has lost its unit', async () => {
      const perRound = (us: number, bare: string) =>
        `awk '/^const ROUNDS/ { us = $4 * ${us}; if (us == ${bare}) print "time: " us; else if (us < 1000) print "time: " us " us"; else printf "time: %.4f ms\\n", us / 1000 }' src/total.mjs`;
      const metric = { pattern: '^time: ([0-9.]+)' };
      const benchmark = (us: number, bare = '-1') =>
        ({ command: perRound(us, bare), metric, noise: 'exact', clock: 'none' }) as const;
      await prepare({ benchmark: benchmark(3) });
      expect(await judge(1, proposals.slower)).toMatchObject({
        benchmarked: { verdict: { verdict: 'rejected' } },
        pairs: [{ pair: [0.9, 1.8] }],
      });
      await on.remove();

      await prepare({ benchmark: benchmark(4) });
      const faster = await judge(1, proposals.faster);
      expect(faster).toMatchObject({ benchmarked: { verdict: { verdict: 'accepted' } } });
      expect(faster.pairs.map(({ pair }) => pair)).toEqual([
        [1.2, 0.4],
        [1.2, 0.4],
      ]);
      await on.remove();

      await prepare({ benchmark: benchmark(4, '400') });
      expect(await judge(1, proposals.faster)).toMatchObject({
        benchmarked: {
          reason: 'benchmark-failed',
          detail: expect.stringMatching(
            /^benchmark\.metric: the champion printed "ms" behind the number and the candidate no unit; /,
          ) as string,
        },
      });
    });

    it('decides an exact metric of which more is better, and refuses one that is not exact', async () => {
      await prepare({ benchmark: { ...exactRounds, better: 'higher' } });
      expect(await judge(1, proposals.slower)).toMatchObject({
        runs: 6,
        benchmarked: { verdict: { verdict: 'accepted', estimate: 0.5 } },
      });
      expect(await judge(2, proposals.faster)).toMatchObject({
        runs: 2,
        benchmarked: { verdict: { verdict: 'rejected', estimate: 3 } },
      });
      await on.remove();

      await prepare({ benchmark: sum });
      const { benchmarked, facts, runs } = await judge(1, unsteady);
      expect([runs, benchmarked]).toMatchObject([
        4,
        {
          kind: 'failed',
          reason: 'benchmark-failed',
          detail: expect.stringMatching(/^benchmark: the metric is not exact: the candidate gave/) as string,
        },
      ]);
      await expect(call((steps) => steps.commit(facts))).rejects.toThrow('does not accept');
    });

    it('commits nothing that makes an exact side metric worse than allowed', async () => {
      await prepare({ benchmark: exactRounds, sideMetrics: [{ ...size, worstAllowed: 0.05 }] });
      const { benchmarked, facts, runs } = await judge(1, padded);
      const objection = {
        reason: 'side-metric-worse',
        detail: expect.stringMatching(
          /^sideMetrics\.size: \d+\.\d % worse by the median of 1 pair; at most 5\.0 % worse is allowed$/,
        ) as string,
      };
      expect([runs, benchmarked]).toMatchObject([8, { verdict: { verdict: 'accepted' }, objection }]);
      await expect(call((steps) => steps.commit(facts))).rejects.toThrow(/does not accept .* \(sideMetrics\.size: /);

      const within = await judge(2, proposals.faster);
      expect(within).toMatchObject({ runs: 10, benchmarked: { objection: null } });
      const side = join(decisionOf(2, within.facts.tree!), 'side-size');
      const kept = readFileSync(join(side, 'pairs.jsonl'));
      rmSync(side, { recursive: true });
      await expect(call((steps) => steps.commit(within.facts))).rejects.toThrow('benchmark it first');
      expect(await within.again()).toMatchObject({ objection: null });
      expect(readFileSync(join(side, 'pairs.jsonl')).length).toBeGreaterThan(kept.length / 2);
      expect(await commit(within.facts)).toMatchObject({ kind: 'committed' });
      const { evidence } = await inLedger(2);
      expect(evidence.side).toMatchObject([{ name: 'size', verdict: 'within', estimate: 1, worstAllowed: 0.05 }]);
      expect(judgeEvidence(evidence).side).toEqual(evidence.side);
    });

    it("judges a side metric that varies by paired runs of its own, by the loop's own clock where it has no number", async () => {
      await prepare({
        benchmark: exactRounds,
        sideMetrics: [{ name: 'time', command: 'node bench.mjs', worstAllowed: 0.1 }],
      });
      const worse = await judge(1, slowed);
      expect(worse.benchmarked).toMatchObject({
        objection: { reason: 'side-metric-worse', detail: expect.stringContaining('sideMetrics.time: ') as string },
      });
      const within = await judge(2, proposals.faster);
      expect(within.benchmarked).toMatchObject({ verdict: { verdict: 'accepted' }, objection: null });
    });

    it('calls a candidate failed whose side metric cannot be measured', async () => {
      await prepare({
        benchmark: exactRounds,
        sideMetrics: [{ ...size, command: `${size.command} && ! grep -q "ROUNDS = 100" src/total.mjs` }],
      });
      const { benchmarked } = await judge(1, proposals.faster);
      expect(benchmarked).toMatchObject({
        kind: 'failed',
        reason: 'benchmark-failed',
        detail: expect.stringContaining('sideMetrics.size: ended with exit code 1') as string,
      });
    });
  },
);
