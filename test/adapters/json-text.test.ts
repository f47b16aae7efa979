import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../adapters/json-text.ts';

describe('parseJson', () => {
  it.each([
    ['{\n  "a": x\n}', 'f:2:8: "x" is not allowed here; expected a value or a name, text in double quotes'],
    ['{"a": 1\n "b": 2}', 'f:2:2: "\\"b\\"" is not allowed here; expected "," or a closing bracket'],
    ['{"a":', 'f:1:6: the text ends here; expected a value'],
    ["{'a': 1}", `f:1:2: "'a'" is not allowed here; expected a value or a name, text in double quotes`],
    ['{"a": 1}}', 'f:1:9: "}" is not allowed here; expected the end of the text'],
    ['{"a": 01}', 'f:1:8: "1" is not allowed here; expected "," or a closing bracket'],
    ['{"a" 1}', 'f:1:6: "1" is not allowed here; expected ":"'],
    ['[1, 2', 'f:1:6: the text ends here; expected "," or "]"'],
    ['', 'f:1:1: the file is empty; expected a value'],
    ['\ufffd\ufffd{\0"\0', 'f: is no text in UTF-8; save it as UTF-8'],
    ['{"a": "b\n"}', 'f:1:7: "\\"b" is not allowed here; expected a closing double quote'],
  ])('tells where %j breaks', (text, problem) => {
    expect(parseJson(text, 'f')).toEqual({ ok: false, problems: [problem] });
  });

  it.each(['// why\n{"a": [1, 2]}', '{\n  "a": [1, /* and */ 2],\n}', '\uFEFF{"a": [1, 2]}'])('takes %j', (text) => {
    expect(parseJson(text, 'f')).toEqual({ ok: true, value: { a: [1, 2] } });
  });

  it('takes all that JSON.parse takes, of the rest trailing commas alone, and never points beyond the text', () => {
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
          if (parsed.ok) return void expect(text).toMatch(/,\s*[\]}]/);
          const [, line, column] = /^f:(\d+):(\d+): /.exec(parsed.problems[0]!)!;
          expect(Number(column)).toBeLessThanOrEqual(text.split('\n')[Number(line) - 1]!.length + 1);
          return;
        }
        expect(parsed).toEqual({ ok: true, value: wanted });
      }),
      { numRuns: 500 },
    );
  });
});
