import { expect, it } from 'vitest';
import { reportMarkdown } from '../../../client/report/markdown.ts';
import { code } from '../../../domain/ledger/commit-table.ts';
import { reportFactsWith } from '../../support/report-facts.ts';

it('tells a pull request the gain, each commit with its evidence, and how to measure it again', () => {
  const text = reportMarkdown(reportFactsWith('src/a.mjs'));
  for (const part of [
    '## 20.0 % better (src/a.mjs), base against champion measured afresh over 20 pairs, 95 % +15.0 % to +25.0 %\n',
    '| 1 | bbbbbbbbbb | 20.0 % better |',
    '- Files: `src/a.mjs`\n',
    '- Replay check: `1 of 2 edited functions ran, 5 calls, same answers; left out: src/a.mjs (src/a.mjs)`\n',
    '- No test notices when it is broken: `src/a.mjs`\n',
    'npx karpathy-loop verify src/a.mjs --loop src/a.mjs',
    '- Each per cent of the 20.0 % saved cost',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('| 2 |');
});

it('makes no mention, link, cell or HTML of what a model wrote', () => {
  const text = reportMarkdown(reportFactsWith('@all | [x](https://example.org) <b> ```\n# head'));
  // What stands outside of code, where a forge would obey it.
  const outside = text.replace(/^(`{3,})\n[^]*?\n\1$/gm, '').replace(/(`+)[^]*?[^`]\1(?!`)/g, '');
  expect(outside).not.toMatch(/@all|\]\(|<b>|^# head/m);
  const row = text.split('\n').find((one) => one.startsWith('| 1 |'))!;
  expect(row.replace(/\\\|/g, '').split('|')).toHaveLength(8);
});

it.each([
  ['plain', '`plain`'],
  ['a `b` c', '`` a `b` c ``'],
  ['', ''],
])('code(%j) is %s', (text, expected) => {
  expect(code(text)).toBe(expected);
});
