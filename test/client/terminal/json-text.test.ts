import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../client/terminal/json-text.ts';

describe('parseJson', () => {
  it.each([
    ['{\n  "a": x\n}', 'f:2:8: "x" is not allowed here; expected a value'],
    ['{"a": 1,\n}', 'f:2:1: a comma stands before the closing bracket; expected a name in double quotes'],
    ['{"a": 1\n "b": 2}', 'f:2:2: "\\"" is not allowed here; expected "," or "}"'],
    ['{"a":', 'f:1:6: the text ends here; expected a value'],
    ['// why\n{}', 'f:1:1: JSON has no comments; expected a value'],
    ["{'a': 1}", 'f:1:2: "\'" is not allowed here; expected a name in double quotes'],
    ['{"a": 1}}', 'f:1:9: "}" is not allowed here; expected the end of the text'],
    ['{"a": 01}', 'f:1:7: "01" is not allowed here; expected a value'],
    ['{"a" 1}', 'f:1:6: "1" is not allowed here; expected ":"'],
    ['[1, 2', 'f:1:6: the text ends here; expected "," or "]"'],
  ])('tells where %j breaks', (text, problem) => {
    expect(parseJson(text, 'f')).toEqual({ ok: false, problems: [problem] });
  });

  it('takes exactly what JSON.parse takes, and never points beyond the text', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', ',', '}', ']', 'x', '\\', '1'))
      .map(([json, at, junk]) => {
        const cut = at % (json.length + 1);
        return json.slice(0, cut) + junk + json.slice(cut + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken), (text) => {
        const parsed = parseJson(text, 'f');
        let wanted: unknown;
        try {
          wanted = JSON.parse(text);
        } catch {
          expect(parsed.ok).toBe(false);
          if (parsed.ok) return;
          const [, line, column] = /^f:(\d+):(\d+): /.exec(parsed.problems[0]!)!;
          expect(parsed.problems[0]).not.toMatch(/expected JSON$/);
          expect(Number(column)).toBeLessThanOrEqual(text.split('\n')[Number(line) - 1]!.length + 1);
          return;
        }
        expect(parsed).toEqual({ ok: true, value: wanted });
      }),
      { numRuns: 500 },
    );
  });
});
