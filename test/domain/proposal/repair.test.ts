import { describe, expect, it } from 'vitest';
import { askAgain, nearestText } from '../../../domain/proposal/repair.ts';
import type { Shown } from '../../../domain/proposal/form.ts';

const content = 'function f() {\n  return 1;\n}\n\nfunction g(values) {\n  let pairs = 0;\n  return pairs;\n}\n';
const files = [{ path: 'src/a.js', content }];

describe('nearestText', () => {
  it('shows the lines of the file that an edit most resembles, wherever its path begins', () => {
    const text = nearestText([{ file: './src/a.js', search: 'let pairs = 1;\nreturn pairs', replace: '' }], files);
    expect(text).toContain('The nearest lines of src/a.js, from line 6:\n```\n  let pairs = 0;\n  return pairs;\n}\n');
  });

  it('is empty where nothing is near, or the file is not known', () => {
    expect(nearestText([{ file: 'src/a.js', search: 'ééé', replace: '' }], files)).toBe('');
    expect(nearestText([{ file: 'src/b.js', search: 'pairs', replace: '' }], files)).toBe('');
    expect(nearestText([{ file: 'src/a.js', content: 'pairs' }], files)).toBe('');
  });
});

describe('askAgain', () => {
  it.each<[Shown['form'], Shown['target'], RegExp]>([
    [
      'rewrite',
      { file: 'src/a.js', function: { name: 'g', start: 0, end: 1 } },
      /the whole function g in one code fence/,
    ],
    ['rewrite', { file: 'src/a.js', function: null }, /the whole file in one code fence/],
    ['blocks', null, /search\/replace blocks/],
    ['choice', null, /\{"constant", "value"\}/],
  ])('names the fault and the form that is wanted: %s', (form, target, wanted) => {
    const text = askAgain('```\nno\u001b[2J', ['answer: has no code'], { form, target, files });
    expect(text).toMatch(wanted);
    expect(text).toContain('answer: has no code');
    expect(text).not.toContain('\u001b');
    expect(text).toContain('````\n```\nno');
  });
});
