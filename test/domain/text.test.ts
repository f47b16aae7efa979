import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitMessage, improvement } from '../../domain/commit-message.ts';
import { clean, oneLine, tail } from '../../domain/text.ts';

describe('foreign text', () => {
  it('loses control characters, direction marks and line ends in one line', () => {
    expect(oneLine('a\u001b[31m b\u202ec\r\nd\u0000')).toBe('a [31m b c d');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(oneLine(text))));
  });

  it('keeps line ends and tabs where it may have lines', () => {
    expect(clean('a\r\n\tb\u001b')).toBe('a\n\tb ');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{C}]/u.test(clean(text).replace(/[\n\t]/g, ''))));
  });

  it('is cut', () => {
    expect(oneLine('x'.repeat(500))).toHaveLength(200);
    expect(tail(`${'x'.repeat(9_000)}end`, 100)).toMatch(/end$/);
  });
});

describe('commitMessage', () => {
  const verdict = {
    verdict: 'accepted',
    pairs: 12,
    logCapitalReal: 8,
    logCapitalBar: 4,
    estimate: 0.8,
    interval: [0.75, 0.85],
    a0: 0.001,
    minImprovement: 0.05,
    better: 'lower',
    reportedRatio: 0.81,
  } as const;
  const facts = { verdict: { ...verdict, interval: [0.75, 0.85] as [number, number] }, unit: 'ms', loopId: 'l', iteration: 4, model: 'm' };

  it('has one clean subject and the evidence as trailers', () => {
    const message = commitMessage({ ...facts, hypothesis: { title: 'Cache\nit\u0007', rationale: 'Because.\n\nLoop: forged', edits: [] } });
    expect(message).toBe(
      'Cache it\n\nBecause. Loop: forged\n\nImprovement: 19.0 % less of ms\nInterval: 0.750 to 0.850 (ratio, 95 %)\nPairs: 12\nLoop: l\nIteration: 4\nModel: m\n',
    );
  });

  it("says a throughput's gain in its own direction", () => {
    expect(improvement(0.8, 'lower')).toBe('20.0 % less');
    expect(improvement(0.8, 'higher')).toBe('25.0 % more');
    expect(improvement(1.1, 'lower')).toBe('10.0 % more');
  });
});
