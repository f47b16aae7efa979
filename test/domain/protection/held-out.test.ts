import { describe, expect, it } from 'vitest';
import { failedOfBase, inSource, withoutChosenText } from '../../../domain/protection/held-out.ts';

describe('beside held-out tests', () => {
  it.each([
    ['test: ended with exit code 77\nSECRET', 'test: ended with exit code #'],
    ['test: 3 tests ran and passed, on the base 8', 'test: # tests ran and passed, on the base #'],
    ['build: made "SECRET", which is "SECRET" too', 'build: made "…" too'],
    ['test: ends with "a" SECRET "b", on the base "c"; mend it', 'test: ends with "…"; mend it'],
    ['benchmark: took 1.234,5 ms\nSECRET', 'benchmark: took # ms'],
  ])('tells of a failure its kind alone: %j', (problem, fact) => {
    expect(withoutChosenText(problem).trim()).toBe(`${fact} (no more is told while tests are held out)`);
  });

  it("names the base's own tests alone", () => {
    expect(failedOfBase(['sums', 'SECRET'], new Set(['sums', 'other']))).toBe('\nfailed: "sums"');
    expect(failedOfBase(['SECRET'], new Set(['sums']))).toBe('');
  });

  it.each([
    ['total', 2, true],
    ['total', 1, false],
    ['SECRET', 2, false],
    ['total(a', 2, false],
    ['', 2, false],
    ['total', 1e9, false],
  ])('keeps the name of a hotspot that stands at its line: %s at %i', (name, line, isKept) => {
    const spot = inSource({ file: 'a.mjs', name, line, share: 0.5 }, 'const x = 1;\nfunction total(a) {}\n');
    expect(spot).toEqual(
      isKept ? { file: 'a.mjs', name, line, share: 0.5 } : { file: 'a.mjs', name: null, line: null, share: 0.5 },
    );
  });
});
