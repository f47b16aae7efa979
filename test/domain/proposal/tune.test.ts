import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdit } from '../../../domain/proposal/edit.ts';
import { findChoices, toHypothesis, type Choice } from '../../../domain/proposal/choices.ts';
import { trialsOf, tunable, tune, type Tried } from '../../../domain/proposal/tune.ts';
import { toLine } from '../../../domain/text.ts';
import { createCoin } from '../../../domain/verdict/decision.ts';

/** A program's log time by the values of its constants; Infinity: its tests fail. */
type Response = (values: ReadonlyMap<string, number>) => number;

interface Program {
  present: Record<string, number>;
  response: Response;
}

const fileOf = (values: ReadonlyMap<string, number>) => ({
  path: 'src/a.mjs',
  content: [...values].map(([name, value]) => `const ${name} = ${value};`).join('\n'),
});

type Propose = (
  choices: readonly Choice[],
  known: Parameters<typeof tune>[1],
  iteration: number,
) => { choice: Choice; value: number } | null;

/** Tries one value an iteration; a gain of 5 % is committed, as by an exact benchmark. Returns the best log time after each. */
function runLoop({ present, response }: Program, propose: Propose, iterations: number) {
  let values = new Map(Object.entries(present));
  let [champion, current] = [0, response(values)];
  const records: (Tried & { champion: number })[] = [];
  const best: number[] = [];
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const known = {
      trials: trialsOf(records),
      sinceChampion: trialsOf(records.filter((record) => record.champion === champion)),
    };
    const next = propose(findChoices([fileOf(values)]), known, iteration);
    if (!next) break;
    const { choice, value } = next;
    const tried = new Map(values).set(choice.constant, value);
    const log = response(tried);
    const isFailed = log === Infinity;
    const isGain = log - current <= Math.log(0.95);
    records.push({
      champion,
      hypothesis: { title: toLine(toHypothesis(choice, value).title), rationale: toLine(''), files: [] },
      reason: isFailed ? 'tests-failed' : isGain ? null : log > current ? 'slower' : 'below-bar',
      verdict: isFailed ? null : ({ reported: { ratio: Math.exp(log - current) } } as Tried['verdict']),
    });
    if (isGain) [values, current, champion] = [tried, log, iteration];
    best.push(current);
  }
  return { best, records };
}

const byTune =
  (seed: number): Propose =>
  (choices, known) => {
    const [hypothesis] = tune(choices, known, { seed, count: 1 });
    if (!hypothesis) return null;
    const [, constant, value] = /^Set (\S+) in .+ to (\S+) /.exec(hypothesis.title)!;
    return { choice: choices.find((choice) => choice.constant === constant)!, value: Number(value) };
  };

/** Each pair of constant and value equally likely, as bench/propose-randomly.mjs. */
const byChance = (seed: number): Propose => {
  const coin = createCoin(seed);
  return (choices) => {
    const all = choices.flatMap((choice) => choice.values.map((value) => ({ choice, value })));
    return all[Math.floor(coin() * all.length)]!;
  };
};

/** Iterations until 90 % of the gain that can be had, as far as commits of 5 % can; the bound and one more where it is not reached. */
function triesOf(program: Program, propose: Propose, attainable: number, bound = 60): number {
  const { best } = runLoop(program, propose, bound);
  const start = program.response(new Map(Object.entries(program.present)));
  const at = best.findIndex((log) => log - attainable <= Math.max(0.06, (start - attainable) / 10));
  return at < 0 ? bound + 1 : at + 1;
}

/** Log time that rises on both sides of the best value by `slope` for each factor of e, and is flat beside it. */
const valley = (value: number, best: number, slope: number) =>
  slope * Math.max(0, Math.abs(Math.log(value / best)) - 0.3);

/** One constant of three matters; a mask that wants powers of two; two that matter; a cliff beside the best value. */
const shapes: Record<string, (best: number) => Program> = {
  'one of three': (best) => ({
    present: { A: 64, B: 4096, C: 10 },
    response: (values) => valley(values.get('B')!, best, 0.2),
  }),
  'powers of two alone': (best) => ({
    present: { MASKED: 8, OTHER: 256 },
    response: (values) =>
      Number.isInteger(Math.log2(values.get('MASKED')!)) ? valley(values.get('MASKED')!, best, 0.3) : Infinity,
  }),
  'two that matter': (best) => ({
    present: { A: 500, B: 16, C: 1000 },
    response: (values) => valley(values.get('A')!, best, 0.2) + valley(values.get('B')!, 300, 0.15),
  }),
  'a cliff': (best) => ({
    present: { RATIO: 0.5, SIZE: 32 },
    response: (values) => (values.get('SIZE')! > best * 1.5 ? Infinity : valley(values.get('SIZE')!, best, 0.25)),
  }),
};
const bests: Record<string, number[]> = {
  'one of three': [20, 300, 40_000, 1_000_000],
  'powers of two alone': [64, 512, 4096],
  'two that matter': [5, 60, 5_000],
  'a cliff': [128, 700, 2_000],
};

interface Curve {
  present: Record<string, number>;
  best: number;
  slope: number;
  failing: number;
  seed: number;
}

describe('tune', () => {
  it.each(Object.keys(shapes).map((shape) => [shape]))(
    'reaches 90 % of the gain in less than half the tries of chance: $0',
    (shape) => {
      const sums = { tune: 0, chance: 0 };
      for (const best of bests[shape]!) {
        const program = shapes[shape]!(best);
        for (let seed = 1; seed <= 5; seed++) {
          sums.tune += triesOf(program, byTune(seed), 0);
          sums.chance += triesOf(program, byChance(seed), 0);
        }
      }
      expect(sums.tune).toBeLessThan(sums.chance / 2);
    },
  );

  const curves = fc.record({
    present: fc.dictionary(
      fc.constantFrom('A', 'B', 'C_D'),
      fc.oneof(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e4 }).map((count) => count / 100),
      ),
      { minKeys: 1 },
    ),
    best: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    slope: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    failing: fc.integer({ min: 2, max: 9 }),
    seed: fc.nat(),
  });
  const programOf = ({ present, best, slope, failing }: Omit<Curve, 'seed'>): Program => ({
    present,
    response: (values) =>
      [...values.values()].some((value) => value % failing === 1)
        ? Infinity
        : [...values.values()].reduce((sum, value) => sum + valley(value, best, slope), 0),
  });

  it('tries no value twice on one champion, stays in reach, and ends', () => {
    fc.assert(
      fc.property(curves, ({ seed, ...curve }) => {
        const { records } = runLoop(programOf(curve), byTune(seed), 600);
        expect(records.length).toBeLessThan(600);
        const tried = records.map(({ champion, hypothesis }) => `${champion} ${hypothesis!.title}`);
        expect(new Set(tried).size).toBe(tried.length);
        for (const { constant, to } of trialsOf(records)) {
          const first = curve.present[constant]!;
          expect(to).toBeGreaterThanOrEqual(first / 1_000);
          expect(to).toBeLessThanOrEqual(first * 1_000);
          if (Number.isInteger(first)) expect(Number.isInteger(to)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('proposes different values of which each is an edit that fits, at most as many as are asked for', () => {
    fc.assert(
      fc.property(curves, fc.integer({ min: 1, max: 8 }), ({ seed, present }, count) => {
        const file = fileOf(new Map(Object.entries(present)));
        const known = { trials: [], sinceChampion: [] };
        const made = tune(findChoices([file]), known, { seed, count });
        expect(made).toEqual(tune(findChoices([file]), known, { seed, count }));
        expect(made.length).toBeGreaterThan(0);
        expect(made.length).toBeLessThanOrEqual(count);
        expect(new Set(made.map(({ title }) => title)).size).toBe(made.length);
        for (const { title, edits } of made) {
          const edited = applyEdit(file.content, edits[0]!);
          const [, constant, value] = /^Set (\S+) in .+ to (\S+) /.exec(title)!;
          const again = 'content' in edited ? findChoices([{ ...file, content: edited.content }]) : [];
          expect(again.find((choice) => choice.constant === constant)?.present).toBe(Number(value));
        }
      }),
    );
  });
});

describe('trialsOf', () => {
  const title = (to: number) => toLine(`Set A in src/a.mjs to ${to} (was 8)`);
  const record = (fields: Partial<Tried>): Tried => ({
    hypothesis: { title: title(16), rationale: toLine(''), files: [] },
    reason: null,
    verdict: null,
    ...fields,
  });
  const measured = (ratio: number) => ({ reported: { ratio } }) as Tried['verdict'];

  it.each<[string, Partial<Tried>, (number | null)[]]>([
    ['a gain', { verdict: measured(0.5) }, [Math.log(0.5)]],
    ['failed tests', { reason: 'tests-failed' }, [Infinity]],
    ['a machine that failed says nothing', { reason: 'infrastructure' }, []],
    ['a duplicate was tried, and nothing is known of it', { reason: 'duplicate' }, [null]],
    ['nothing was proposed', { hypothesis: null, reason: 'no-hypothesis' }, []],
    ['a title of a model', { hypothesis: { title: toLine('Sort first'), rationale: toLine(''), files: [] } }, []],
    [
      'answers that were screened, before the one with the verdict',
      {
        verdict: measured(0.8),
        screened: [
          { title: title(32), where: 'pairs', detail: toLine(''), seconds: 1, ratio: 0.9 },
          { title: title(64), where: 'tests', detail: toLine(''), seconds: 1 },
        ],
      },
      [Math.log(0.9), Infinity, Math.log(0.8)],
    ],
  ])('reads %s', (_what, fields, costs) => {
    expect(trialsOf([record(fields)]).map(({ cost }) => cost)).toEqual(costs);
  });
});

describe('tunable', () => {
  const all = findChoices([
    { path: 'src/a.mjs', content: 'const USED = 1;\nconst CALLED = 2;\nconst AT_TOP = 3;\nconst COLD = 4;' },
  ]);
  const related = (code: string) => [{ file: 'src/a.mjs', name: 'f', line: 1, code }];
  const hot = {
    code: 'for (let i = 0; i < USED; i++) call(table, COLDER);',
    share: 0.9,
    callers: [],
    callees: related('function call() { return CALLED; }'),
    constants: ['const table = new Array(AT_TOP);'],
  };
  const names = (...codes: (typeof hot | (Omit<typeof hot, 'share'> & { share: null }))[]) =>
    tunable(all, codes).map(({ constant }) => constant);

  it('leaves the constants that hot code uses, also by what it calls and by what stands at the top', () => {
    expect(names(hot)).toEqual(['USED', 'CALLED', 'AT_TOP']);
  });

  it('leaves none where hot code uses none, and all where nothing was profiled', () => {
    expect(names({ ...hot, code: 'x()', callees: [], constants: [] })).toEqual([]);
    expect(names({ ...hot, share: null })).toHaveLength(4);
  });
});
