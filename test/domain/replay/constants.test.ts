import { expect, it } from 'vitest';
import { parseSource } from '../../../adapters/parsers/parse.ts';
import { constantsOf } from '../../../domain/replay/constants.ts';

it.each([
  [
    'a.mjs',
    'const LIMIT = 100;\nexport function f(x) { return x > 0x800 && x1 < 2.5 ? \'=\' : "v"; }\nfunction g() { return 7; }\n',
  ],
  ['a.py', 'LIMIT = 100\ndef f(x):\n    return "=" if x > 0x800 and x1 < 2.5 else \'v\'\ndef g(): return 7\n'],
])('takes constants of a function and of the top of its module, in %s', async (path, text) => {
  const parsed = (await parseSource(path, text))!;
  const source = parsed.functions.find(({ name }) => name === 'f')!;
  expect(constantsOf({ source }, { text, parsed })).toEqual({
    numbers: [2048, 2.5, 100],
    texts: ['=', 'v'],
  });
});
