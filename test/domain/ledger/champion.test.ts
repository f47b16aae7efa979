import { describe, expect, it } from 'vitest';
import { championsBefore, isSuspect } from '../../../domain/ledger/champion.ts';
import type { Reason } from '../../../domain/ledger/record.ts';

const record = (reason: Reason | null, champion: string, commit: string | null = null) => ({
  reason,
  champion,
  candidate: commit === null ? null : { tree: `tree of ${commit}`, commit },
});
const failures = (count: number, reason: Reason = 'tests-failed') =>
  Array.from({ length: count }, () => record(reason, 'one'));
const chain = [record(null, 'base', 'one')];

describe('a champion', () => {
  it.each([
    ['after its commit', chain, false],
    ['after a failure of the machine', [...chain, record('infrastructure', 'one')], true],
    ['after that of another champion', [record('infrastructure', 'base'), ...chain], false],
    ['after four failures', [...chain, ...failures(4)], false],
    ['after five', [...chain, ...failures(5)], true],
    ['after six', [...chain, ...failures(6)], false],
    ['after ten', [...chain, ...failures(5, 'benchmark-failed'), ...failures(5)], true],
    [
      'after five that are broken by another end',
      [...chain, ...failures(3), record('slower', 'one'), ...failures(2)],
      false,
    ],
    ['after five that no champion can cause', [...chain, ...failures(5, 'build-failed')], false],
    ['before the first iteration', [], false],
  ])('is looked at %s: %#', (_, records, expected) => {
    expect(isSuspect(records, 'one')).toBe(expected);
  });

  it('has those before it, the newest first, less what has failed', () => {
    const records = [
      ...chain,
      record('slower', 'one'),
      record(null, 'one', 'two'),
      record(null, 'two', 'bad'),
      record('champion-failed', 'bad', 'back to two'),
      record(null, 'back to two', 'three'),
    ];
    expect(championsBefore(records, 'three')).toEqual(['back to two', 'two', 'one', 'base']);
    expect(championsBefore(records, 'one')).toEqual(['base']);
    expect(championsBefore(records, 'base')).toEqual([]);
  });
});
