import { expect, it } from 'vitest';
import { fileNamed } from '../../../../domain/proposal/answers/file-name.ts';

const files = ['src/work.mjs', 'src/deep/a.ts', 'lib/a.ts', 'lib/B.ts', 'lib/b.ts'];

it.each([
  ['src/work.mjs', 'src/work.mjs'],
  ['./src/work.mjs', 'src/work.mjs'],
  ['/repo/src/work.mjs', 'src/work.mjs'],
  ['repo/src/work.mjs', 'src/work.mjs'],
  ['a/src/work.mjs', 'src/work.mjs'],
  ['src\\work.mjs', 'src/work.mjs'],
  ['src//work.mjs', 'src/work.mjs'],
  ['src/work.mjs:4', 'src/work.mjs'],
  ['/repo/src/work.mjs:4:12', 'src/work.mjs'],
  ['file:///repo/src/work.mjs', 'src/work.mjs'],
  ['/home/me/project/src/work.mjs', 'src/work.mjs'],
  ['~/project/src/work.mjs', 'src/work.mjs'],
  ['$PWD/src/work.mjs', 'src/work.mjs'],
  ['@src/work.mjs', 'src/work.mjs'],
  ['src/work.mjs#L6-L15', 'src/work.mjs'],
  ['src/work.mjs (lines 6-15)', 'src/work.mjs'],
  ['work.mjs', 'src/work.mjs'],
  ['SRC/Work.mjs', 'src/work.mjs'],
  // Of more than one file, or of none: another file is not guessed.
  ['a.ts', null],
  ['LIB/B.TS', null],
  ['other/src/work.mjs', null],
  ['../src/work.mjs', null],
  ['src/work', null],
])('takes the name %j for %j', (name, file) => expect(fileNamed(name, files)).toBe(file));
