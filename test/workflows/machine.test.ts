import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, begin } from '../../workflows/machine.ts';
import { allEvents, iterationPaths } from '../support/iteration-paths.ts';

const paths = [0, 1, 2].flatMap(iterationPaths);

describe('the machine of an iteration', () => {
  it('has one way without a setback, through the eight steps less the rollback', () => {
    const happy = iterationPaths(0).filter(({ events }) => events.every((event) => !('detail' in event)));
    expect(happy.map(({ steps }) => steps)).toEqual([['collect', 'analyze', 'hypothesize', 'apply', 'test', 'benchmark', 'commit']]);
  });

  it('has more than one path, and each ends in a final state right after commit or rollback', () => {
    expect(paths.length).toBeGreaterThan(100);
    for (const { steps, final } of paths) {
      expect(['commit', 'rollback']).toContain(steps.at(-1));
      expect(['committed', 'rolledBack', 'failed']).toContain(final.value);
    }
  });

  it('reaches commit only through a test passed and a benchmark accepted, of the hypothesis applied last', () => {
    const committing = paths.filter(({ steps }) => steps.includes('commit'));
    expect(committing).not.toHaveLength(0);
    for (const { steps, events } of committing) {
      const at = steps.indexOf('commit');
      expect(steps.slice(at - 4, at)).toEqual(['hypothesize', 'apply', 'test', 'benchmark']);
      expect(events.slice(at - 4, at).map(({ type }) => type)).toEqual(['proposed', 'applied', 'passed', 'accepted']);
    }
  });

  it('rolls back on every setback that is not repaired, with that setback as the reason', () => {
    for (const { steps, events, final } of paths) {
      if (!steps.includes('rollback')) continue;
      const setback = events[steps.indexOf('rollback') - 1]!;
      expect(final.context).toMatchObject({ reason: setback.type, detail: `because ${setback.type}` });
    }
  });

  it('repairs a failed edit, build or test and nothing else, as often as is allowed', () => {
    for (const { steps, events, repairs } of paths.filter((path) => path.steps.includes('hypothesize'))) {
      const repaired = events.filter((_, at) => steps[at + 1] === 'hypothesize').map(({ type }) => type);
      expect(repaired[0]).toBe('analyzed');
      expect(repaired.length - 1).toBeLessThanOrEqual(repairs);
      for (const type of repaired.slice(1)) expect(['edit-refused', 'build-failed', 'tests-failed']).toContain(type);
    }
    expect(new Set(paths.map(({ final }) => final.context.attempt))).toEqual(new Set([0, 1, 2]));
  });

  it('can be cancelled in every step before the commit, and broken in every step before the rollback', () => {
    const steps = (type: string) => new Set(paths.flatMap(({ events, steps }) => steps.filter((_, at) => events[at]!.type === type)));
    const beforeCommit = ['collect', 'analyze', 'hypothesize', 'apply', 'test', 'benchmark'];
    expect(steps('cancelled')).toEqual(new Set(beforeCommit));
    expect(steps('infrastructure')).toEqual(new Set([...beforeCommit, 'commit']));
  });

  it('throws on an event that the state does not allow', () => {
    const { snapshot } = begin(1);
    expect(() => advance(snapshot, { type: 'committed' })).toThrow(expect.objectContaining({ name: 'IllegalEventError' }));
    expect(() => advance(snapshot, { type: 'committed' })).toThrow('iteration: "committed" is not allowed in "collect"');
  });

  it('keeps plain JSON in its context', () => {
    for (const { final } of paths) expect(JSON.parse(JSON.stringify(final.context))).toEqual(final.context);
  });

  it('goes through no other order whatever the events: each is a step further on a path, or throws', () => {
    const orders = new Set(paths.flatMap(({ steps, repairs }) => steps.map((_, at) => `${repairs} ${steps.slice(0, at + 1).join()}`)));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), fc.array(fc.constantFrom(...allEvents), { maxLength: 200 }), (repairs, events) => {
        let position = begin(repairs);
        const steps = [position.step];
        for (const event of events) {
          const allowed = position.snapshot.can(event);
          if (!allowed) {
            expect(() => advance(position.snapshot, event)).toThrow('is not allowed in');
            continue;
          }
          position = advance(position.snapshot, event);
          if (position.step) steps.push(position.step);
          expect(position.step === null).toBe(position.snapshot.status === 'done');
          expect(orders).toContain(`${repairs} ${steps.join()}`);
        }
      }),
      { numRuns: 200 },
    );
  });
});
