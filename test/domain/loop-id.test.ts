import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRefName, toLoopId } from '../../domain/loop-id.ts';

it.each([
  ['nightly', 'nightly'],
  ['team/words-2', 'team/words-2'],
  ['nightly-2026-11-28T23:51:50Z', 'nightly-2026-11-28T235150Z'],
  ['team/nightly-2026-11-28T23:51:50Z', 'team/nightly-2026-11-28T235150Z'],
])('takes %j for the loop %j', (workflowId, loopId) => expect(toLoopId(workflowId)).toBe(loopId));

it('makes of any id a legal one, the same each time, and of a legal one itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 300 })), (workflowId) => {
      const loopId = toLoopId(workflowId);
      expect(isRefName(`refs/karpathy-loop/${loopId}/ledger`)).toBe(true);
      expect(toLoopId(loopId)).toBe(loopId);
      if (isRefName(workflowId)) expect(loopId).toBe(workflowId);
    }),
  );
});

it('keeps two ids two: the times of a schedule, and what differs in a character that no ref has', () => {
  const time = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
  const scheduled = time.map((date) => `nightly-${date.toISOString().replace(/\.\d+/, '')}`);
  const odd = fc.array(fc.constantFrom(' ', ':', '~', '?', 'a', 'b', '/'), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.tuple(scheduled, scheduled), fc.tuple(odd, odd)), ([one, other]) => {
      expect(toLoopId(one) === toLoopId(other)).toBe(one === other);
    }),
  );
});
