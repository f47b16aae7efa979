import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attend,
  confirm,
  expire,
  giveBack,
  maxDeaths,
  noSelves,
  noteDeath,
  noteHealth,
  promote,
  withdraw,
  type Selves,
} from '../../../domain/adoption/selves.ts';

const self = (commit: string) => ({ commit, directory: `/builds/${commit}` });
const since = '2026-01-02T00:00:00.000Z';
const deadline = '2026-01-02T00:05:00.000Z';
const onTrial = (selves: Selves, commit: string, judge: string): Selves =>
  promote(selves, {
    self: self(commit),
    judge: self(judge),
    adoption: `adoption of ${commit}`,
    since,
    deadline,
    memoryMiB: 200,
  });
const adopted = (commit: string, judge: string): Selves =>
  confirm(onTrial(noSelves, commit, judge), { adoption: `adoption of ${commit}`, commit })!;

describe('the build that works', () => {
  it('is on trial until it is confirmed, and the one that judged is kept', () => {
    const trial = onTrial(noSelves, 'b', 'a');
    expect(trial).toMatchObject({ current: self('b'), previous: self('a'), trial: { deadline } });
    expect(adopted('b', 'a')).toEqual({ ...noSelves, current: self('b'), previous: self('a') });
  });

  it('leaves no trace when its trial ends badly', () => {
    const good = adopted('b', 'a');
    const trial = onTrial(good, 'c', 'b');
    expect(withdraw(trial, 'adoption of c')).toEqual(good);
    expect(expire(trial, Date.parse(deadline) - 1)).toBe(trial);
    expect(expire(trial, Date.parse(deadline))).toMatchObject({
      ...good,
      fallen: { commit: 'c', adoption: 'adoption of c' },
    });
    let dying = trial;
    for (let deaths = 0; deaths < maxDeaths; deaths++) dying = noteDeath(dying, 'by a signal');
    expect(dying).toMatchObject({
      ...good,
      fallen: { commit: 'c', reason: 'its worker ended 3 times, at last by a signal' },
    });
  });

  it('cannot be confirmed once its trial has ended otherwise, nor begin it again', () => {
    const fallen = expire(onTrial(adopted('b', 'a'), 'c', 'b'), Date.parse(deadline));
    expect(confirm(fallen, { adoption: 'adoption of c', commit: 'c' })).toBeNull();
    expect(onTrial(fallen, 'c', 'b')).toBe(fallen);
  });

  it('gives way to the one before when it crashes later, and by a person’s word', () => {
    let dying = noteHealth(noteDeath(adopted('b', 'a'), 'by a signal'));
    expect(dying.deaths).toBe(0);
    for (let deaths = 0; deaths < maxDeaths; deaths++) dying = noteDeath(dying, 'with exit code 1');
    expect(dying).toMatchObject({ current: self('a'), previous: null, fallen: { adoption: null, commit: 'b' } });
    const back = giveBack(adopted('b', 'a'))!;
    expect(back).toEqual({ ...noSelves, current: self('a') });
    expect(giveBack(back)).toEqual(noSelves);
    expect(giveBack(noSelves)).toBeNull();
    expect(giveBack(onTrial(noSelves, 'b', 'a'))).toBeNull();
  });

  it('has always one to fall back to while on trial, whatever happens in whatever order', () => {
    const adoption = fc.nat({ max: 3 }).map((index) => `c${index}`);
    const events: fc.Arbitrary<(selves: Selves) => Selves>[] = [
      adoption.map(
        (commit) => (selves) => (selves.trial ? selves : onTrial(selves, commit, selves.current?.commit ?? 'own')),
      ),
      adoption.map((commit) => (selves) => confirm(selves, { adoption: `adoption of ${commit}`, commit }) ?? selves),
      adoption.map((commit) => (selves) => withdraw(selves, `adoption of ${commit}`)),
      adoption.map((commit) => (selves) => attend(selves, { adoption: `adoption of ${commit}`, deadline })),
      fc.constant((selves) => noteDeath(selves, 'by a signal')),
      fc.constant((selves) => expire(selves, Date.parse(deadline))),
      fc.constant((selves) => giveBack(selves) ?? selves),
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(...events), { maxLength: 40 }), (happened) => {
        let selves = noSelves;
        for (const event of happened) {
          const before = selves;
          selves = event(selves);
          expect(JSON.parse(JSON.stringify(selves))).toEqual(selves);
          if (selves.trial) expect(selves.previous).not.toBeNull();
          expect(selves.deaths).toBeLessThan(maxDeaths);
          // What has fallen works no more, until somebody adopts it again.
          if (selves.fallen && selves.fallen !== before.fallen && before.current)
            expect(selves.fallen.commit).toBe(before.current.commit);
        }
      }),
    );
  });
});
