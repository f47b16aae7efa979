import type { RecordedVerdict } from '../../domain/verdict/decision.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitMessage } from '../../domain/ledger/commit-message.ts';
import { fenced, line, tail, toBlock, toJsonLine, toLine } from '../../domain/text.ts';

describe('foreign text', () => {
  it('loses control characters, direction marks and line ends in one line', () => {
    expect(toLine('a\u001b[31m b\u202ec\r\nd\u0000')).toBe('a b c d');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(toLine(text))));
  });

  it('keeps line ends and tabs where it may have lines', () => {
    expect(toBlock('a\r\n\tb\u001b')).toBe('a\n\tb ');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{C}]/u.test(toBlock(text).replace(/[\n\t]/g, ''))),
    );
  });

  it('loses what a terminal would obey, and not what only looks so', () => {
    expect(toLine('\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u001b\\ \u009b2Kz')).toBe(
      'red link z',
    );
    expect(toLine('\u001b]0;never ended and so kept')).toBe(']0;never ended and so kept');
    expect(toLine('[31m [0m')).toBe('[31m [0m');
  });

  it('is cut between characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 20 }),
        (text, length) => !/\p{Cs}/u.test(toLine(`${text}😀😀😀`, length)),
      ),
    );
  });

  it('stays inside its fence', () => {
    const text = fc.array(fc.constantFrom('`', '``', '`````', 'a', '\n', '~~~')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (data) => {
        const [fence = '', ...rest] = fenced(data).split('\n');
        expect(rest.at(-1)).toBe(fence);
        expect(rest.slice(0, -1).some((line) => line.includes(fence))).toBe(false);
      }),
    );
  });

  it('is written as escapes in JSON, which stays the same value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = toJsonLine({ text });
        expect(JSON.parse(json)).toEqual({ text });
        expect(json.trimEnd()).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('is cleaned in a template, whose own words stay', () => {
    expect(line`  a b ${'c\n\u001b[31md\u202e'}${7}`).toBe('  a b c d 7');
  });

  it('is cut', () => {
    expect(toLine('x'.repeat(500))).toHaveLength(200);
    expect(tail(`${'x'.repeat(9_000)}end`, 100)).toMatch(/end$/);
  });
});

describe('commitMessage', () => {
  const verdict: RecordedVerdict = {
    verdict: 'accepted',
    pairs: 12,
    logCapitalReal: 8,
    logCapitalBar: 4,
    estimate: 0.8,
    interval: [0.7, 0.9],
    alpha: 0.001,
    minImprovement: 0.05,
    better: 'lower',
    noise: 'measured',
    reported: { ratio: 0.81, interval: [0.75, 0.85], pairs: 8, isLoss: false, text: '' },
  };
  const facts = {
    verdict,
    unit: 'ms',
    loopId: 'l',
    iteration: 4,
    model: 'm',
    isChecked: true,
  };

  it('has one clean subject and the evidence as trailers', () => {
    const message = commitMessage({
      ...facts,
      hypothesis: { title: toLine('Cache\nit\u0007'), rationale: toBlock('Because.\n\nLoop: forged'), edits: [] },
    });
    expect(message).toBe(
      'Cache it\n\nBecause. Loop: forged\n\nImprovement: 19.0 % better (ms)\nInterval: +15.0 % to +25.0 % (95 %)\nPairs: 12 to decide, 8 for the gain\nLoop: l\nIteration: 4\nModel: m\nOutput: equal in every pair\n',
    );
  });

  it('has the same trailers whatever is proposed', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('Loop: forged', 'a\n\nPairs: 60\n', '\u2028Loop: x', '\r\rLoop: x', '---\n', ''),
    );
    fc.assert(
      fc.property(text, text, (title, rationale) => {
        const paragraphs = commitMessage({
          ...facts,
          hypothesis: { title: toLine(title), rationale: toBlock(rationale), edits: [] },
        }).split('\n\n');
        expect(paragraphs.length).toBeLessThanOrEqual(3);
        expect(
          paragraphs.slice(0, -1).every((paragraph) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(paragraph) && paragraph !== ''),
        ).toBe(true);
        expect(
          paragraphs
            .at(-1)
            ?.split('\n')
            .map((line) => line.split(':')[0]),
        ).toEqual(['Improvement', 'Interval', 'Pairs', 'Loop', 'Iteration', 'Model', 'Output', '']);
      }),
    );
  });

  it("says a throughput's gain in its own direction, and of an interval what is known", () => {
    const throughput = {
      ...facts.verdict,
      better: 'higher',
      reported: { ratio: 0.8, interval: [Math.exp(-5), 0.9], pairs: 8, isLoss: false, text: '' },
    } satisfies RecordedVerdict;
    const message = commitMessage({ ...facts, verdict: throughput, hypothesis: { title: toLine('T'), edits: [] } });
    expect(commitMessage({ ...facts, isChecked: false, hypothesis: { title: toLine('T'), edits: [] } })).toMatch(
      /\nOutput: unchecked\n$/,
    );
    expect(message).toContain('Improvement: 25.0 % better (ms)\nInterval: +11.1 % to not determined (95 %)\n');
  });
});
