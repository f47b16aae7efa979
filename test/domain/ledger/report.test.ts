import { describe, expect, it } from 'vitest';
import { gain, intervalText } from '../../../domain/verdict/gain.ts';
import { samplesOf, type RecordedVerdict } from '../../../domain/verdict/decision.ts';
import { renderReport, report } from '../../../domain/ledger/report.ts';
import { parseRecord, type IterationRecord } from '../../../domain/ledger/record.ts';
import type { HeadToHead } from '../../../domain/steps.ts';

const verdict: RecordedVerdict = {
  verdict: 'accepted',
  pairs: 14,
  logCapitalReal: 8,
  logCapitalBar: 3,
  estimate: 0.87,
  interval: [0.84, 0.91],
  alpha: 0.0005,
  minImprovement: 0.05,
  better: 'lower',
  noise: 'measured',
  reported: { ratio: 0.877, interval: [0.84, 0.91], pairs: 8, isLoss: false, text: '' },
};
/** A record as the ledger gives it. */
function recordOf(fields: object): IterationRecord {
  return parseRecord(JSON.stringify(fields));
}

const common = {
  version: 1,
  loopId: 'demo-1',
  startedAt: '2026-01-02T03:04:05.000Z',
  champion: 'a'.repeat(40),
  model: 'ollama m',
  attempts: 1,
  tokens: 100,
  sandbox: 'bubblewrap',
} as const;
const committed = recordOf({
  ...common,
  iteration: 1,
  outcome: 'committed',
  reason: null,
  detail: '',
  candidate: { tree: 'c'.repeat(40), commit: 'b'.repeat(40) },
  hypothesis: { title: 'Cache the sum', rationale: '', files: ['src/a.js'] },
  verdict,
});
const slower = recordOf({
  ...committed,
  iteration: 2,
  outcome: 'rolledBack',
  reason: 'slower',
  detail: 'ratio 1.200',
  candidate: { tree: 'd'.repeat(40), commit: null },
  hypothesis: { title: 'Sort first', rationale: '', files: ['src/a.js'] },
  verdict: {
    ...verdict,
    verdict: 'rejected',
    pairs: 3,
    reported: { ratio: 1.2, interval: [Math.exp(-5), Math.exp(5)], pairs: 3, isLoss: false, text: '' },
  },
});
const failed = recordOf({
  ...common,
  iteration: 3,
  outcome: 'failed',
  reason: 'no-hypothesis',
  detail: 'answer: has no JSON object\nmore',
  candidate: null,
  hypothesis: null,
  verdict: null,
});

const overruled = recordOf({
  ...committed,
  iteration: 4,
  outcome: 'rolledBack',
  reason: 'uncorroborated',
  detail: 'the clock saw 0.1 ms\nmore',
  candidate: { tree: 'e'.repeat(40), commit: null },
});
const headToHead: HeadToHead = {
  base: 'a'.repeat(40),
  champion: 'b'.repeat(40),
  pairs: 20,
  ratio: 0.568,
  interval: [0.53, 0.61],
  better: 'lower',
  unit: 'ms',
};

describe('renderReport', () => {
  it('names every outcome with its reason, title, gain, interval and pairs, whatever the order of the records', () => {
    const text = renderReport(report('demo-1', [failed, committed, slower], null));
    const rows = text.split('\n').filter((line) => /^\d/.test(line));
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['1', 'committed', '12.3 % better', '+9.0 % to +16.0 %', '14 + 8', 'bbbbbbbbbb', 'Cache the sum'],
      ['2', 'rolledBack: slower', '20.0 % worse', 'not determined', '3', 'Sort first'],
      ['3', 'failed: no-hypothesis', '(none)'],
    ]);
    expect(text).toContain('What was said:\n  3: answer: has no JSON object\n\n');
    expect(text).toContain('Iterations: 3 (1 committed, 1 rolled back, 1 failed)\n');
    expect(text).toContain(`Champion: ${'b'.repeat(40)}\n`);
    expect(text).toContain('Model: ollama m (300 tokens)\n');
    expect(text).toContain('Sandbox: bubblewrap\n');
  });

  it('names functions of a commit that no test notices when they are broken, and those of no other record', () => {
    const broken = { functions: ['f', 'g'], notCovered: ['f', 'g (its result)'], leftOut: [], runs: 9 };
    const records = [recordOf({ ...committed, broken }), recordOf({ ...slower, broken })];
    const text = renderReport(report('demo-1', records, null));
    expect(text).toContain('\n\nCommitted, though no test notices when it is broken:\n  1: f, g (its result)\n\n');
    const covered = renderReport(
      report('demo-1', [recordOf({ ...committed, broken: { ...broken, notCovered: [] } })], null),
    );
    expect(covered).not.toContain('no test notices');
  });

  it('tells of answers that got no verdict how far they came, and what that cost', () => {
    const one = (where: string, seconds: number) => ({ title: 'x', where, detail: '', seconds });
    const first = recordOf({ ...committed, screened: [one('tests', 2), one('pairs', 30)] });
    const third = recordOf({ ...failed, screened: [one('answer', 0)] });
    expect(renderReport(report('demo-1', [first, slower, third], null))).toContain(
      [
        '\n\nAnswers without a verdict, and how far they came:',
        '  1: 1 at tests (2.0 s), 1 at pairs (30 s)',
        '  3: 1 at answer',
        '  all: 1 at answer, 1 at tests (2.0 s), 1 at pairs (30 s)\n\n',
      ].join('\n'),
    );
    expect(renderReport(report('demo-1', [committed], null))).not.toContain('without a verdict');
  });

  it('says so where commands ran without a sandbox', () => {
    expect(renderReport(report('demo-1', [{ ...committed, sandbox: 'none' }], null))).toContain(
      'Sandbox: NONE: commands ran without a sandbox',
    );
  });

  it('lets no title or detail of a model break its lines', () => {
    const text = renderReport(
      report(
        'demo-1',
        [
          recordOf({ ...failed, detail: '\x1b[2J\u202Eevil' }),
          recordOf({ ...slower, hypothesis: { title: 'a\nb\x07', rationale: '', files: [] } }),
        ],
        null,
      ),
    );
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\u202E]/);
    expect(text).toContain('a b');
  });

  it('shows a gain that was accepted and not committed in brackets, and says why', () => {
    const text = renderReport(report('demo-1', [overruled], null));
    expect(text).toMatch(
      /^4 {2}rolledBack: uncorroborated {2}\(12\.3 % better\) {2}\(\+9\.0 % to \+16\.0 %\) {2}14 \+ 8 +Cache the sum$/m,
    );
    expect(text).toContain('What was said:\n  4: the clock saw 0.1 ms\n\n');
    expect(text).toContain('In total: no gain was proved\n');
  });

  it('says why a gain that the clock did not see was given up, where the verdict on it is a rejection', () => {
    const unseen = { ...overruled, verdict: { ...overruled.verdict!, verdict: 'rejected' as const } };
    const text = renderReport(report('demo-1', [unseen, slower], null));
    expect(text).toContain('What was said:\n  4: the clock saw 0.1 ms\n\n');
  });

  it('has the measurement of base against champion for its headline, and never a product of claims', () => {
    expect(renderReport(report('demo-1', [committed], headToHead))).toContain(
      'In total: 43.2 % better (ms), base against champion measured afresh over 20 pairs, 95 % +39.0 % to +47.0 %\n',
    );
    const exact: HeadToHead = { ...headToHead, pairs: 2, ratio: 0.9, interval: [0.9, 0.9], unit: 'bytes' };
    expect(renderReport(report('demo-1', [committed], exact))).toContain(
      'In total: 10.0 % better (bytes), base against champion measured afresh over 2 pairs, exact\n',
    );
    for (const none of [null, { ...headToHead, champion: 'c'.repeat(40) }])
      expect(renderReport(report('demo-1', [committed], none))).toContain(
        'In total: not measured, base against champion (',
      );
  });

  it('says why base and champion could not be measured, in one line, where that is of this champion', () => {
    const none = {
      base: 'a'.repeat(40),
      champion: 'b'.repeat(40),
      problem: 'benchmark: ended\nwith exit code 1\x1b[2J',
    };
    const said = report('demo-1', [committed], none);
    expect(said).toMatchObject({ headToHead: null, notMeasured: 'benchmark: ended with exit code 1' });
    expect(renderReport(said)).toContain(
      'In total: not measured, base against champion: benchmark: ended with exit code 1\n',
    );
    expect(report('demo-1', [committed], { ...none, champion: 'c'.repeat(40) })).toMatchObject({
      headToHead: null,
      notMeasured: null,
    });
  });

  it('has nothing to show before the first record', () => {
    expect(renderReport(report('demo-1', [], null))).toBe('Loop demo-1: no iteration has ended yet.\n');
  });
});

describe('report', () => {
  it('sums up as data', () => {
    const second: IterationRecord = {
      ...committed,
      iteration: 4,
      candidate: { tree: 'e'.repeat(40), commit: 'f'.repeat(40) },
      verdict: { ...verdict, reported: { ...verdict.reported, ratio: 0.9 } },
    };
    expect(
      report('demo-1', [committed, slower, failed, second], { ...headToHead, champion: 'f'.repeat(40) }),
    ).toMatchObject({
      committed: 2,
      rolledBack: 1,
      failed: 1,
      tokens: 400,
      champion: 'f'.repeat(40),
      headToHead: { pairs: 20 },
    });
    expect(report('demo-1', [slower], null)).toMatchObject({ champion: common.champion, headToHead: null });
  });
});

describe('gain', () => {
  it.each([
    [0.877, 'lower', '12.3 % better'],
    [1.031, 'lower', '3.1 % worse'],
    [0.5, 'higher', '100.0 % better'],
    [1.25, 'higher', '20.0 % worse'],
    [1, 'lower', 'unchanged'],
    [0, 'lower', '100.0 % better'],
    [Math.exp(-700), 'higher', 'more than 1000000 % better'],
    [Number.MAX_VALUE, 'lower', 'more than 1000000 % worse'],
  ] as const)('of ratio %d with %s better is %s', (ratio, better, text) => {
    expect(gain(ratio, { better })).toBe(text);
  });

  it('is a difference in the unit where differences are judged', () => {
    const terms = { better: 'higher', minDifference: 0.2 } as const;
    const samples = samplesOf([[-0.3, 0.4]], terms);
    expect(gain(Math.exp(samples[0]!), terms)).toBe('0.7 better');
    expect(intervalText([Math.exp(samples[0]!), Math.exp(-samples[0]!)], terms)).toBe('-0.7 to +0.7');
  });

  it('has an interval with one end that is not determined', () => {
    expect(intervalText([Math.exp(-5), 0.96], { better: 'lower' })).toBe('+4.0 % to not determined');
    expect(intervalText([0.8, 1.25], { better: 'higher' })).toBe('-20.0 % to +25.0 %');
  });
});
