import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHypothesis } from '../../../domain/proposal/hypothesis.ts';
import { toLine } from '../../../domain/text.ts';

const hypothesis = { title: 'Cache it', edits: [{ file: 'a', search: 'x', replace: 'y' }] };

describe('parseHypothesis', () => {
  it('reads a plain answer, and one inside a code fence', () => {
    expect(parseHypothesis(JSON.stringify(hypothesis))).toEqual({ ok: true, value: hypothesis });
    expect(parseHypothesis(`Sure:\n\`\`\`json\n${JSON.stringify(hypothesis)}\n\`\`\``)).toEqual({
      ok: true,
      value: hypothesis,
    });
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
    ['a hypothesis that was cut', JSON.stringify(hypothesis).slice(0, -1), /is not JSON/],
    ['two of them', `${JSON.stringify(hypothesis)}\n${JSON.stringify(hypothesis)}`, /has 2 hypotheses; print one/],
    ['a key that is there twice', '{"title": "a", "title": "b", "edits": []}', /has the key "title" twice/],
    [
      'a key that is there twice by an escape',
      '{"title": "a", "edits": [{"file": "a", "content": "", "\\u0066ile": "b"}]}',
      /has the key "file" twice/,
    ],
    [
      'a prototype',
      '{"title": "t", "__proto__": {"edits": []}, "edits": [{"file": "a", "content": ""}]}',
      /^__proto__: unknown field/,
    ],
    [
      'a prototype in an edit',
      '{"title": "t", "edits": [{"file": "a", "content": "", "__proto__": null}]}',
      /^edits\.0\.__proto__: unknown field/,
    ],
    ['a number for a title', '{"title": 1e999999, "edits": [{"file": "a", "content": ""}]}', /^title: invalid input/],
    ['deep nesting', `{"title": "t", "edits": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`, /is nested too deeply/],
    ['endless nesting', '{"a":[1,'.repeat(100_000), /is not JSON/],
    ['endless strings', '{"'.repeat(400_000), /is not JSON/],
    ['a flood', ' '.repeat(1_000_001), /at most 1000000 are read/],
    [
      'too many edits',
      JSON.stringify({ title: 't', edits: Array(21).fill({ file: 'a', content: '' }) }),
      /^edits: too big/,
    ],
    [
      'escapes that are long as JSON',
      JSON.stringify({ title: 't', edits: [{ file: 'a', content: '\u0001'.repeat(11_000) }] }),
      /at most 64000/,
    ],
    [
      'too much',
      JSON.stringify({ title: 't', edits: [{ file: 'a', content: 'x'.repeat(70_000) }] }),
      /at most 64000 are taken/,
    ],
  ])('refuses %s', (_, answer, problem) => {
    const parsed = parseHypothesis(answer);
    expect(parsed.ok ? '' : parsed.problems[0]).toMatch(problem);
  });

  it('reads past a byte order mark, words with braces and what comes after', () => {
    const answer = `\ufeffUse {x} and \`{}\`, like {"a": 1}:\n${JSON.stringify(hypothesis)}\nDone }{`;
    expect(parseHypothesis(answer)).toEqual({ ok: true, value: hypothesis });
  });

  it('says no more than ten clean lines', () => {
    const keys = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`\u001b[31m${index}`, 1]));
    const parsed = parseHypothesis(JSON.stringify({ ...hypothesis, ...keys }));
    expect(parsed.ok ? [] : parsed.problems).toHaveLength(10);
    expect(parsed.ok ? '' : parsed.problems.join('')).not.toMatch(/\p{C}/u);
  });

  it('takes what JSON takes, whatever surrounds it', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.string().filter((words) => !/[{}]/.test(words)),
        (title, file, content, words) => {
          const value = { title, edits: [{ file, content }] };
          expect(parseHypothesis(`${words}${JSON.stringify(value, null, 1)}${words}`)).toEqual({
            ok: true,
            value: { ...value, title: toLine(title) || 'Untitled' },
          });
        },
      ),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (answer) => typeof parseHypothesis(answer).ok === 'boolean'));
    fc.assert(fc.property(fc.json(), (answer) => typeof parseHypothesis(answer).ok === 'boolean'));
  });
});
