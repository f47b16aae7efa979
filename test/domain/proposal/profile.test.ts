import { describe, expect, it } from 'vitest';
import { hottest } from '../../../domain/proposal/profile.ts';

const frame = (functionName: string, url: string, lineNumber: number) => ({ functionName, url, lineNumber });
const profile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', '', -1) },
    { id: 2, callFrame: frame('slow', 'file:///repo/src/a.mjs', 9) },
    { id: 3, callFrame: frame('quick', 'file:///repo/src/b.mjs', 0) },
    { id: 4, callFrame: frame('(idle)', '', -1) },
    { id: 5, callFrame: frame('bench', 'file:///repo/bench.mjs', 3) },
  ],
  samples: [2, 2, 3, 4, 5, 2],
  timeDeltas: [30, 30, 20, 900, 20, 0],
};
const isEditable = (path: string) => path.startsWith('src/');

describe('hottest', () => {
  it('adds up self time per function of editable files, idle time left out', () => {
    expect(hottest([profile], isEditable)).toEqual([
      { file: 'src/a.mjs', name: 'slow', line: 10, share: 0.6 },
      { file: 'src/b.mjs', name: 'quick', line: 1, share: 0.2 },
    ]);
  });

  it('adds up several profiles and passes over what is none', () => {
    expect(
      hottest(
        [
          profile,
          null,
          'x',
          {},
          { nodes: [{}, null, { id: 1, callFrame: frame(7 as never, 'x', 0) }] },
          { nodes: [], samples: 'x' },
          profile,
        ],
        isEditable,
      ),
    ).toEqual(hottest([profile], isEditable));
  });

  it('falls back to hit counts', () => {
    const counted = { nodes: [{ id: 1, callFrame: frame('f', 'file:///repo/src/a%20b.mjs', 0), hitCount: 4 }] };
    expect(hottest([counted], isEditable)).toEqual([{ file: 'src/a b.mjs', name: 'f', line: 1, share: 1 }]);
  });
});
