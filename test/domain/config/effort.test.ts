import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerTime, choosePatience, chooseSamples, effortText, samplesOf } from '../../../domain/config/effort.ts';
import { commandSource, effortSchema } from '../../../domain/config/plan.ts';

const seconds = fc.double({ min: 0, max: 10_000, noNaN: true });
const costs = fc.record({
  answer: fc.option(seconds),
  build: seconds,
  tests: seconds,
  run: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
});

describe('the effort of an iteration', () => {
  it('is always one that a plan may have', () => {
    fc.assert(
      fc.property(costs, (all) => {
        const effort = { samples: chooseSamples(all), patience: choosePatience(all) };
        expect(effortSchema.parse(effort)).toEqual(effort);
      }),
    );
  });

  it('is the more patient, the more a hypothesis costs beside a run', () => {
    fc.assert(
      fc.property(costs, seconds, (all, more) => {
        expect(choosePatience({ ...all, tests: all.tests + more })).toBeLessThanOrEqual(choosePatience(all));
        expect(choosePatience({ ...all, answer: null })).toBe(0.05);
      }),
    );
  });

  it('draws more, the less an answer costs beside a verdict, and one of a command', () => {
    fc.assert(
      fc.property(costs, seconds, (all, more) => {
        if (all.answer === null) expect(chooseSamples(all)).toBe(1);
        else expect(chooseSamples({ ...all, answer: all.answer + more })).toBeLessThanOrEqual(chooseSamples(all));
      }),
    );
  });

  it.each([
    [{ answer: 8, build: 0, tests: 0.5, run: 0.3 }, 0.3],
    [{ answer: 300, build: 0, tests: 1, run: 1 }, 0.05],
    [{ answer: 100, build: 10, tests: 20, run: 1 }, 0.2],
  ])('of %j has the patience %f', (all, patience) => expect(choosePatience(all)).toBe(patience));

  it('takes what the config says before what was chosen, and one answer where nothing was', () => {
    const plan = (samples?: number) => ({ config: { hypothesis: { samples } } }) as Parameters<typeof samplesOf>[0];
    expect([
      samplesOf(plan()),
      samplesOf(plan(3)),
      samplesOf({ ...plan(), effort: { samples: 5, patience: 0.1 } }),
    ]).toEqual([1, 3, 5]);
  });

  it('estimates an answer by the speed of the model, and that of a command not at all', () => {
    const speed = { read: 100, write: 25 };
    const model = { ...commandSource('m'), kind: 'ollama', speed } as const;
    expect(answerTime(commandSource('a'))).toBeNull();
    expect(answerTime(model)).toBe(24);
    expect(answerTime({ ...model, form: 'choice' })).toBeLessThan(answerTime(model)!);
    expect(answerTime({ ...model, speed: null })).toBe(20);
  });

  it('says which and why', () => {
    const all = { answer: 8, build: 1, tests: 0.5, run: 0.31 };
    const effort = { samples: 3, patience: 0.3 };
    expect(effortText(effort, { fixed: { samples: 3 }, costs: all, isExact: false })).toBe(
      '3 answers, of which one gets a verdict, an iteration (as configured); patience 0.3 (chosen by a hypothesis of 9.5 s against runs of 0.3 s)',
    );
    expect(effortText({ ...effort, samples: 1 }, { fixed: {}, costs: { ...all, answer: null }, isExact: true })).toBe(
      'one answer an iteration (chosen by a hypothesis of unknown cost against runs of 0.3 s)',
    );
  });
});
