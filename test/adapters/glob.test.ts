import { expect, it } from 'vitest';
import { matchesGlob } from '../../adapters/glob.ts';

it('matches as picomatch does, leading dots only where the glob says so', () => {
  const cases: [string, string, boolean][] = [
    ['src/a.js', 'src/**', true],
    ['src/a/b.js', 'src/*', false],
    ['src/.a.js', 'src/**', false],
    ['src/.a.js', 'src/.*', true],
    ['', '**', false],
  ];
  for (const [path, glob, matches] of [...cases, ...cases])
    expect(matchesGlob(path, glob), `${path} ${glob}`).toBe(matches);
});

it('keeps its answers when it has seen more globs than it remembers', () => {
  for (let index = 0; index < 2_500; index++) expect(matchesGlob(`d${index}/a`, `d${index}/*`)).toBe(true);
  expect([matchesGlob('d0/a', 'd0/*'), matchesGlob('d1/a', 'd0/*')]).toEqual([true, false]);
});

it.each([
  ['src/[id].mjs', 'src/[id].mjs', true],
  ['src/[id]/page.mjs', 'src/[id]/**', true],
  ['src/i/page.mjs', 'src/[id]/**', true],
  ['app/(shop)/[...slug]/page.ts', 'app/(shop)/[...slug]/*.ts', true],
  ['app/(shop)/page.ts', 'app/(shop)/**', true],
  ['src/+(x)/page.ts', 'src/+(x)/*.ts', true],
  ['src/{a}/x.ts', 'src/{a}/*.ts', true],
  ['src/b.ts', 'src/{a,b}.ts', true],
  ['app/(other)/page.ts', 'app/(shop)/**', false],
  ['src/cafe\u0301/a.js', 'src/caf\u00e9/**', true],
])('brackets are a part of the name too: %s by %s: %s', (path, glob, matches) => {
  expect(matchesGlob(path, glob)).toBe(matches);
});
