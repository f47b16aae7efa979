import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultPolicy, type Decision } from '../../../domain/verdict/decision.ts';
import { judge } from '../../../domain/verdict/judgement.ts';
import type { Evidence, SideEvidence } from '../../../domain/ledger/record.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';
import { call } from '../../support/command-line.ts';

type Words = typeof words;
type GoldenVector = Record<'used' | 'logK0' | 'logK5' | 'estimate', number> &
  Partial<Record<'a0' | 'minImprovement', number>> & {
    pairs: [number, number][];
    verdict: keyof Words;
    interval: [number, number];
    patience?: number;
  };

const { vectors } = JSON.parse(readFileSync(new URL('../../fixtures/golden.json', import.meta.url), 'utf8')) as {
  vectors: GoldenVector[];
};
const words = { accept: 'accepted', reject: 'rejected', undecided: 'undecided', continue: 'continue' };

const measuredPair: MeasuredPair = {
  first: 'champion',
  pair: [100, 80],
  cpuMs: [150, 130],
  wallMs: [160, 140],
  benchSeed: 7,
};
const pairs = Array.from({ length: 40 }, () => measuredPair);
const worse: Omit<SideEvidence, 'verdict' | 'estimate'> = {
  name: 'size',
  better: 'lower',
  noise: 'exact',
  worstAllowed: 0.05,
  seed: 3,
  pairs: [{ ...measuredPair, pair: [10, 12] }],
};
const clock = { clock: 'cpu', unit: 'ms', better: 'lower', startUp: { cpuMs: 40, wallMs: 40 } } as const;
const judged = judge({ pairs, policy: defaultPolicy, clock, unseeded: null, side: [worse] });
const { verdict, corroboration } = judged;
const side = judged.side[0]!;
const evidence: Evidence = {
  version: 1,
  seed: 1,
  unit: 'ms',
  policy: defaultPolicy,
  pairs: pairs.slice(0, verdict.pairs),
  fresh: pairs.slice(verdict.pairs),
  corroboration,
  unseeded: null,
  side: [side],
  failure: null,
};

describe('karpathy-loop decide', () => {
  it.each(vectors.map((vector, index) => ({ index, vector })))(
    'reproduces golden vector $index to 1e-9',
    async ({ vector }) => {
      const { pairs, a0, minImprovement, patience } = vector;
      const { code, stdout, stderr } = await call(['decide'], {
        input: JSON.stringify({ pairs, a0, minImprovement, patience }),
      });
      expect([code, stderr]).toEqual([0, '']);
      const decision = JSON.parse(stdout) as Decision;
      expect(Object.keys(decision)).toEqual([
        'verdict',
        'pairs',
        'logCapitalReal',
        'logCapitalBar',
        'estimate',
        'interval',
      ]);
      expect([decision.verdict, decision.pairs]).toEqual([words[vector.verdict], vector.used]);
      const { logK0, logK5, estimate, interval } = vector;
      const close = ([value, wanted]: [number, number]) =>
        Math.abs(value - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
      const figures: [number, number][] = [
        [decision.logCapitalReal, logK0],
        [decision.logCapitalBar, logK5],
        [decision.estimate, estimate],
        ...decision.interval.map((end, side): [number, number] => [end, interval[side]!]),
      ];
      expect(figures.filter((figure) => !close(figure))).toEqual([]);
    },
  );

  it('judges a throughput when told that higher is better', async () => {
    const { stdout } = await call(['decide'], {
      input: JSON.stringify({ pairs: Array(20).fill([100, 130]), better: 'higher' }),
    });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'accepted', estimate: 100 / 130 });
  });

  it('judges an exact metric by one pair and the one that confirms it', async () => {
    const { stdout } = await call(['decide'], {
      input: JSON.stringify({ pairs: Array(2).fill([100, 90]), noise: 'exact' }),
    });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'accepted', pairs: 2, estimate: 0.9, interval: [0.9, 0.9] });
  });

  it("computes a ledger's evidence anew: verdict, corroboration, side metrics and objection", async () => {
    const { code, stdout, stderr } = await call(['decide'], { input: JSON.stringify(evidence) });
    expect([code, stderr]).toEqual([0, '']);
    const again = JSON.parse(stdout) as Record<string, unknown>;
    expect(again).toMatchObject({ ...verdict, corroboration, objection: { reason: 'side-metric-worse' } });
    expect(again['side']).toEqual([{ ...side, pairs: 1 }]);
    expect(again['failure']).toBeNull();
  });

  it('objects to a gain that its evidence does not show without BENCH_SEED', async () => {
    const without = Array<MeasuredPair>(24).fill({ ...measuredPair, pair: [100, 99], benchSeed: null });
    const vanished = { ...evidence, side: [], unseeded: { seed: 2, pairs: without } };
    const { stdout } = await call(['decide'], { input: JSON.stringify(vanished) });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'accepted', objection: { reason: 'uncorroborated' } });
    const { stderr } = await call(['decide'], { input: JSON.stringify({ ...vanished, unseeded: {} }) });
    expect(stderr).toContain('unseeded.pairs: is not a list');
  });

  it('tells why a candidate could not be judged, as it stands in the evidence', async () => {
    const failure = 'output differs: the champion computed "1", the candidate "2"';
    const { stdout } = await call(['decide'], { input: JSON.stringify({ ...evidence, failure }) });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'accepted', failure });
  });

  it.each([
    ['policy: undefined', { policy: undefined }, /^error: policy: is missing/],
    [
      'a policy without a term',
      { policy: { ...defaultPolicy, alpha: undefined } },
      /^error: policy\.alpha: is missing/,
    ],
    ['another version', { version: 2 }, /^error: version: is 2; this program reads evidence of version 1/],
    [
      'a sample that is none',
      { pairs: [{ ...measuredPair, pair: [1, '0'] }] },
      /^error: pairs\.0: is \[1,"0"\]; give \[champion, candidate\]/,
    ],
    ['a sample without clocks', { fresh: [{ pair: [1, 1] }] }, /^error: fresh\.0: has no clock times/],
    ['a failure that is no text', { failure: 1 }, /^error: failure: is neither null nor a text/],
    ['side metrics that are none', { side: {} }, /^error: side: is not a list/],
  ])('refuses evidence with %s with exit code 2 and one line', async (_, part, line) => {
    const { code, stdout, stderr } = await call(['decide'], { input: JSON.stringify({ ...evidence, ...part }) });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  });

  it.each([
    ['', 'error: standard input:1:1: the file is empty; expected a value\n'],
    ['[]', 'error: standard input: is not a JSON object; give '],
    ['{"pairs": [[1, 2],,]}', 'error: standard input:1:19: "," is not allowed here; expected a value\n'],
    ['{}', 'error: pairs: is not a list; give '],
    ['{"pairs": [[1, 2], [1, null]]}', 'error: pairs.1: is [1,null]; give [champion, candidate], two numbers\n'],
    ['{"pairs": [[1, "2"]]}', 'error: pairs.0: is [1,"2"]; give [champion, candidate], two numbers\n'],
    ['{"pairs": [], "a0": 1}', 'error: a0: is 1; give a number between 0 and 1\n'],
    ['{"pairs": [], "minImprovement": "5 %"}', 'error: minImprovement: is "5 %"; give a number between 0 and 1\n'],
    [
      '{"pairs": [], "bar": 0.9}',
      'error: bar: unknown field; known here: pairs, minImprovement, minDifference, a0, patience, better, noise\n',
    ],
  ])('refuses %j with exit code 2 and one line', async (input, line) => {
    const { code, stdout, stderr } = await call(['decide'], { input });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.slice(0, line.length)).toBe(line);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  });
});
