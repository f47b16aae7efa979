import { expect, it } from 'vitest';
import { allBut, chosenCommits } from '../../../domain/ledger/chosen.ts';
import type { IterationRecord } from '../../../domain/ledger/record.ts';

type Facts = Pick<IterationRecord, 'iteration' | 'outcome' | 'reason' | 'candidate'>;
const committed = (iteration: number): Facts => ({
  ...{ iteration, outcome: 'committed', reason: null },
  candidate: { tree: `tree-${iteration}`, commit: `commit-${iteration}` },
});
const slower = (iteration: number): Facts => ({
  ...{ iteration, outcome: 'rolledBack', reason: 'slower' },
  candidate: { tree: `tree-${iteration}`, commit: null },
});
const back = (iteration: number, tree: string): Facts => ({
  ...{ iteration, outcome: 'failed', reason: 'champion-failed' },
  candidate: { tree, commit: `back-${iteration}` },
});
const records = [committed(1), slower(2), committed(3), committed(4)];

it('Chosen commits come in the order of the loop, each once.', () => {
  const chosen = chosenCommits(records, [4, 1, 4]);
  expect(chosen.ok && chosen.value.map(({ iteration }) => iteration)).toEqual([1, 4]);
});

it('What was not committed is refused, with what was.', () => {
  expect(chosenCommits(records, [2, 1, 7])).toEqual({
    ok: false,
    problems: [
      'iteration: 2 was not committed (slower); committed are 1, 3, 4',
      'iteration: 7 has no record; committed are 1, 3, 4',
    ],
  });
  const without = 'iteration: 2 was not committed (slower); committed are none';
  expect(chosenCommits([slower(2)], [2])).toEqual({ ok: false, problems: [without] });
});

it('All but one are the others that the champion stands on.', () => {
  expect(allBut(records, 3)).toEqual({ ok: true, value: [1, 4] });
  expect(allBut(records, 2)).toMatchObject({ ok: false, problems: [expect.stringContaining('2 was not committed')] });
  expect(allBut([committed(1)], 1)).toEqual({
    ok: false,
    problems: ['iteration: 1 is the only commit; without it the base is left'],
  });
});

it('Commits that the loop went back behind are left out.', () => {
  const gone = [...records, back(5, 'tree-1'), committed(6)];
  expect(allBut(gone, 1)).toEqual({ ok: true, value: [6] });
  expect(allBut(gone, 4)).toEqual({
    ok: false,
    problems: ['iteration: 4 was taken back by the loop itself; the champion stands on 1, 6'],
  });
  const toBase = [committed(1), back(2, 'tree-of-base'), committed(3), committed(4)];
  expect(allBut(toBase, 3)).toEqual({ ok: true, value: [4] });
});
