import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHypothesis } from '../../domain/hypothesis.ts';

const hypothesis = { title: 'Cache it', edits: [{ file: 'a', search: 'x', replace: 'y' }] };

describe('parseHypothesis', () => {
  it('reads a plain answer, and one inside a code fence', () => {
    expect(parseHypothesis(JSON.stringify(hypothesis))).toEqual({ ok: true, value: hypothesis });
    expect(parseHypothesis(`Sure:\n\`\`\`json\n${JSON.stringify(hypothesis)}\n\`\`\``)).toEqual({ ok: true, value: hypothesis });
  });

  it.each([
    ['no JSON', 'I cannot', /has no JSON object/],
    ['broken JSON', '{"title": }', /is not JSON/],
    ['no edits', JSON.stringify({ title: 't', edits: [] }), /^edits: too small/],
    ['an unknown field', JSON.stringify({ ...hypothesis, mode: '0777' }), /^mode: unknown field/],
    [
      'an edit with both forms',
      JSON.stringify({ title: 't', edits: [{ file: 'a', search: 'x', replace: 'y', content: 'z' }] }),
      /^edits\.0: has none of the allowed forms/,
    ],
    ['too much', JSON.stringify({ title: 't', edits: [{ file: 'a', content: 'x'.repeat(70_000) }] }), /at most 64000 are taken/],
  ])('refuses %s', (_, answer, problem) => {
    const parsed = parseHypothesis(answer);
    expect(parsed.ok ? '' : parsed.problems[0]).toMatch(problem);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (answer) => typeof parseHypothesis(answer).ok === 'boolean'));
    fc.assert(fc.property(fc.json(), (answer) => typeof parseHypothesis(answer).ok === 'boolean'));
  });
});
