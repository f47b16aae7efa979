import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IterationEvent } from '../../workflows/iteration-context.ts';
import { advance, begin } from '../../workflows/machine.ts';
import { stepCalls } from '../../workflows/step-calls.ts';
import type { Screened } from '../../domain/ledger/screened.ts';
import { line } from '../../domain/text.ts';
import { allEvents, drawsSeveral, iterationPaths, losesTruthfully } from '../support/server/iteration-paths.ts';

/** Lost hosts on the paths, by repairs, with one answer and with several: more would be hundreds of thousands. */
const lostHosts = { one: [2, 0, 0], several: [1, 0] };
const paths = [
  ...lostHosts.one.flatMap((lost, repairs) => iterationPaths(repairs, lost)),
  ...lostHosts.several.flatMap((lost, repairs) => iterationPaths(repairs, lost, true)),
];

/** The event of this type, with what a step would have found; a lost host is said to be "gone". */
function eventOf(type: IterationEvent['type'], decided = false): IterationEvent {
  const event = allEvents.find((one) => one.type === type)!;
  return event.type === 'host-lost' ? { ...event, lost: 'gone', decided } : event;
}

describe('the machine of an iteration', () => {
  it('has one way without a setback, through the ten steps less the rollback, or less the screening of one answer', () => {
    const happy = [false, true].flatMap((isScreened) => iterationPaths(0, 0, isScreened));
    const ways = happy.filter(({ events }) => events.every((event) => !('detail' in event)));
    expect(ways.map(({ steps }) => steps)).toEqual([
      ['collect', 'analyze', 'hypothesize', 'apply', 'test', 'benchmark', 'challenge', 'commit'],
      ['collect', 'analyze', 'hypothesize', 'screen', 'apply', 'test', 'benchmark', 'challenge', 'commit'],
    ]);
  });

  it('keeps what is to be screened over a lost host, and one hypothesis once it is chosen', () => {
    const drawn = (['collected', 'analyzed', 'drawn'] as const).reduce(
      (position, type) => advance(position.snapshot, eventOf(type)),
      begin(1),
    );
    const again = advance(advance(drawn.snapshot, eventOf('host-lost')).snapshot, eventOf('collected'));
    expect([drawn.step, again.step, again.snapshot.context.candidates]).toEqual([
      'screen',
      'screen',
      drawn.snapshot.context.candidates,
    ]);
    const [one, other] = ['edit', 'pairs'].map((where) => ({ title: line``, where, detail: line``, seconds: 1 }));
    const screened = [one, other] as Screened[];
    const chosen = advance(again.snapshot, { ...eventOf('chosen'), screened });
    expect(chosen).toMatchObject({ step: 'apply', snapshot: { context: { candidates: [], screened } } });
    const repaired = advance(again.snapshot, { ...eventOf('tests-failed'), screened });
    expect(repaired).toMatchObject({ step: 'hypothesize', snapshot: { context: { candidates: [], screened } } });
    const more = advance(repaired.snapshot, { ...eventOf('proposed'), screened: [one!] } as IterationEvent);
    expect(more.snapshot.context.screened).toHaveLength(3);
  });

  it('has more than one path, and each ends in a final state right after commit or rollback', () => {
    expect(paths.length).toBeGreaterThan(100);
    for (const { steps, final } of paths) {
      expect(['commit', 'rollback']).toContain(steps.at(-1));
      expect(['committed', 'rolledBack', 'failed']).toContain(final.value);
    }
  });

  it('reaches commit only through a test passed, a benchmark accepted and a challenge withstood, of the hypothesis applied last', () => {
    const committing = paths.filter(({ steps }) => steps.includes('commit'));
    expect(committing).not.toHaveLength(0);
    for (const { steps, events } of committing) {
      for (const at of steps.flatMap((step, index) => (step === 'commit' ? [index] : []))) {
        expect(steps.slice(at - 4, at)).toEqual(['apply', 'test', 'benchmark', 'challenge']);
        expect(events.slice(at - 5, at).map(({ type }) => type)).toEqual([
          expect.stringMatching(/^(proposed|chosen|collected)$/),
          'applied',
          'passed',
          'accepted',
          'withstood',
        ]);
      }
    }
  });

  it('rolls back where the champion fails, on the worker that has found it, and goes on from what that went back to', () => {
    const failed = { kind: 'failed', reason: 'champion-failed', detail: 'it fails', queue: 'host' } as const;
    const { snapshot, step } = advance(begin(1).snapshot, stepCalls.collect.event(failed));
    expect([step, snapshot.context.collected?.queue, snapshot.context.reason]).toEqual([
      'rollback',
      'host',
      'champion-failed',
    ]);
    const back = { outcome: 'failed', reason: 'champion-failed', commit: 'back' } as const;
    const end = advance(snapshot, stepCalls.rollback.event(back)).snapshot;
    expect([end.value, end.context.champion, end.context.recorded]).toEqual(['failed', 'back', 'champion-failed']);
  });

  it('rolls back on every setback that is not repaired, with that setback as the reason', () => {
    for (const { steps, events, final } of paths) {
      if (!steps.includes('rollback')) continue;
      const setback = events[steps.indexOf('rollback') - 1]!;
      if (setback.type === 'host-lost')
        expect(final.context).toMatchObject({
          reason: 'infrastructure',
          detail: expect.stringContaining('host lost; ') as unknown,
        });
      else if (final.context.collected || steps.at(-2) !== 'rollback')
        expect(final.context).toMatchObject({ reason: setback.type, detail: `because ${setback.type}` });
      else expect(final.context.detail).toContain(`because ${setback.type}`);
    }
  });

  it('repairs a failed edit, build or test and nothing else, as often as is allowed', () => {
    for (const { steps, events, repairs } of paths.filter((path) => path.steps.includes('hypothesize'))) {
      const repaired = events.filter((_, at) => steps[at + 1] === 'hypothesize').map(({ type }) => type);
      expect(repaired[0]).toBe('analyzed');
      expect(repaired.length - 1).toBeLessThanOrEqual(repairs);
      for (const type of repaired.slice(1)) expect(['edit-refused', 'build-failed', 'tests-failed']).toContain(type);
    }
    expect(new Set(paths.map(({ final }) => final.context.attempts))).toEqual(new Set([0, 1, 2, 3]));
  });

  it('can be cancelled in every step before the commit, and broken in every step before the rollback', () => {
    const steps = (type: string) =>
      new Set(paths.flatMap(({ events, steps }) => steps.filter((_, at) => events[at]!.type === type)));
    const beforeCommit = ['collect', 'analyze', 'hypothesize', 'screen', 'apply', 'test', 'benchmark', 'challenge'];
    expect(steps('cancelled')).toEqual(new Set(beforeCommit));
    expect(steps('infrastructure')).toEqual(new Set([...beforeCommit, 'commit']));
  });

  it('can lose the host in every step that runs there, and starts again from the champion with the hypothesis that it has', () => {
    const lost = paths.flatMap(({ events, steps }) =>
      events.flatMap(({ type }, at) =>
        type === 'host-lost' ? [{ step: steps[at], next: steps.slice(at + 1, at + 3) }] : [],
      ),
    );
    expect(new Set(lost.map(({ step }) => step))).toEqual(
      new Set(['analyze', 'screen', 'apply', 'test', 'benchmark', 'challenge', 'commit', 'rollback']),
    );
    for (const { step, next } of lost.filter(({ next }) => next[0] === 'collect' && next[1] !== 'rollback')) {
      const kept = step === 'analyze' || step === 'screen' ? step : 'apply';
      expect(next).toEqual(['collect', kept]);
    }
    for (const { step, next } of lost)
      expect(step === 'rollback' ? ['rollback'] : ['collect', 'rollback']).toContain(next[0]);
  });

  it('asks for one hypothesis only however many hosts are lost', () => {
    for (const { steps } of paths.filter(({ repairs }) => repairs === 0))
      expect(steps.filter((step) => step === 'hypothesize').length).toBeLessThanOrEqual(1);
  });

  it('starts again at most three times, and begins at most two decisions', () => {
    const goOn = (events: IterationEvent['type'][], decided: boolean) =>
      events.reduce((position, type) => advance(position.snapshot, eventOf(type, decided)), begin(0));
    const lostInTest = ['collected', 'applied', 'host-lost'] as const;
    const first = ['collected', 'analyzed', 'proposed', 'applied', 'host-lost'] as const;
    expect(goOn([...first, ...lostInTest, ...lostInTest], false).step).toBe('collect');
    const fourth = goOn([...first, ...lostInTest, ...lostInTest, ...lostInTest], false);
    expect([fourth.step, fourth.snapshot.context.reason, fourth.snapshot.context.detail]).toEqual([
      'rollback',
      'infrastructure',
      'gone; it had started again 3 times',
    ]);
    const begun = ['collected', 'analyzed', 'proposed', 'applied', 'passed', 'host-lost'] as const;
    expect(goOn([...begun], true).step).toBe('collect');
    const second = goOn([...begun, 'collected', 'applied', 'passed', 'host-lost'], true);
    expect([second.step, second.snapshot.context.detail]).toEqual([
      'rollback',
      'gone; a second decision was lost with it',
    ]);
    expect(goOn([...begun, 'collected', 'applied', 'passed', 'accepted', 'host-lost'], true).step).toBe('rollback');
  });

  it('rolls back on another worker where the host is lost then, once, and records no judgement without its evidence', () => {
    const rollsBack = (['collected', 'analyzed', 'proposed', 'applied', 'passed'] as const).reduce(
      (position, type) => advance(position.snapshot, eventOf(type)),
      begin(0),
    );
    const slower = advance(rollsBack.snapshot, { ...eventOf('slower'), detail: 'ratio 1.1' });
    const again = advance(slower.snapshot, eventOf('host-lost', true));
    expect(again).toMatchObject({
      step: 'rollback',
      snapshot: {
        context: { reason: 'infrastructure', detail: expect.stringContaining('it was slower: ratio 1.1') as unknown },
      },
    });
    expect(again.snapshot.can(eventOf('host-lost'))).toBe(false);
    expect(advance(slower.snapshot, eventOf('host-lost')).snapshot.context.reason).toBe('slower');
  });

  it('throws on an event that the state does not allow', () => {
    const { snapshot } = begin(1);
    expect(() => advance(snapshot, eventOf('committed'))).toThrow(
      expect.objectContaining({ name: 'IllegalEventError' }),
    );
    expect(() => advance(snapshot, eventOf('committed'))).toThrow('iteration: "committed" is not allowed in "collect"');
  });

  it('keeps plain JSON in its context', () => {
    for (const { final } of paths) expect(JSON.parse(JSON.stringify(final.context))).toEqual(final.context);
  });

  it('goes through no other order whatever the events: each is a step further on a path, or throws', () => {
    const orders = new Set(
      paths.flatMap(({ steps, repairs }) => steps.map((_, at) => `${repairs} ${steps.slice(0, at + 1).join()}`)),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 }),
        fc.boolean(),
        fc.array(fc.constantFrom(...allEvents), { maxLength: 200 }),
        (repairs, several, events) => {
          const isScreened = several && repairs < lostHosts.several.length;
          const most = lostHosts[isScreened ? 'several' : 'one'][repairs]!;
          let position = begin(repairs);
          const steps = [position.step];
          for (const event of events) {
            const { snapshot } = position;
            if (
              event.type === 'host-lost' &&
              (snapshot.context.lostHosts >= most || !losesTruthfully(snapshot, event.decided))
            )
              continue;
            if (event.type === (drawsSeveral(snapshot, isScreened) ? 'proposed' : 'drawn')) continue;
            const allowed = snapshot.can(event);
            if (!allowed) {
              expect(() => advance(position.snapshot, event)).toThrow('is not allowed in');
              continue;
            }
            position = advance(position.snapshot, event);
            if (position.step) steps.push(position.step);
            expect(position.step === null).toBe(position.snapshot.status === 'done');
            expect(orders).toContain(`${repairs} ${steps.join()}`);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
