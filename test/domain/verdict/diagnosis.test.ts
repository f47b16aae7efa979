import { describe, expect, it } from 'vitest';
import type { DoctorAnswer } from '../../../domain/checks.ts';
import type { LoopConfig, LoopConfigInput } from '../../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { createCoin } from '../../../domain/verdict/decision.ts';
import { diagnose, renderDiagnosis } from '../../../domain/verdict/diagnosis.ts';
import type { BenchmarkRun } from '../../../domain/verdict/noise.ts';

const benchmark: LoopConfigInput['benchmark'] = {
  command: 'node bench.mjs',
  metric: { pattern: '^METRIC ms=([0-9.]+)$' },
  output: { pattern: '^CHECK (.+)$' },
};

function configOf(part: Partial<LoopConfigInput['benchmark']> = {}, rest: Partial<LoopConfigInput> = {}): LoopConfig {
  const parsed = parseLoopConfig({
    repository: '/r',
    editable: ['src/**'],
    test: 'true',
    ...rest,
    benchmark: { ...benchmark, ...part },
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.value;
}

/** 40 runs around a metric, each clock by its own spread. */
function runsOf(
  metric: number,
  spread: number,
  { cpu = metric + 20, cpuSpread = spread }: { cpu?: number; cpuSpread?: number } = {},
): BenchmarkRun[] {
  const random = createCoin(3);
  const around = (value: number, by: number) => value * Math.exp(by * (random() + random() + random() - 1.5));
  return Array.from({ length: 40 }, () => ({
    metric: around(metric, spread),
    cpuMs: around(cpu, cpuSpread),
    wallMs: around(cpu + 10, spread),
  }));
}

function diagnosedOf(runs: BenchmarkRun[]): DoctorAnswer {
  const startUp = { cpuMs: 20, wallMs: 25, of: 'node -e 0' };
  return {
    baseSha: 'a'.repeat(40),
    workspace: 'readonly',
    runs,
    testRuns: { runs: 3, failures: 0, flaky: [], isUnnamed: false, fewest: 3 },
    naming: null,
    profile: null,
    unnoticed: null,
    notes: [],
    problems: [],
    testMs: 100,
    runMs: 200,
    sideRuns: [],
    benchmark: { ...runs[0]!, startUp, quietMs: 5, isFixedTime: false, harness: null, compiling: {} },
    sandbox: 'bubblewrap',
  };
}

const subjects = (runs: BenchmarkRun[], config = configOf()) =>
  diagnose(diagnosedOf(runs), config).findings.map(({ subject }) => subject);

describe('what is said of a benchmark', () => {
  const scores = (around: number, spread: number) => {
    const random = createCoin(3);
    return runsOf(50, 0.01).map((run) => ({ ...run, metric: around + spread * (random() - 0.5) }));
  };
  const score = { unit: 'score', better: 'higher' } as const;

  it.each([
    ['around 0', 0, 0.1],
    ['below 0', -100, 0.1],
    ['above 0', 100, 0.1],
  ])('tells spread and gains as differences where these are judged: %s', (_, around, spread) => {
    const config = configOf({ ...score, minDifference: 0.5 });
    const diagnosis = diagnose(diagnosedOf(scores(around, spread)), config);
    expect(diagnosis.findings.map(({ subject }) => subject)).toEqual(['number']);
    const text = JSON.stringify(renderDiagnosis(diagnosis, config));
    expect(text).toMatch(/the metric 0\.0\d+, /);
    expect(text).toMatch(/that is proved: 0\.[56]\d* with 50 %/);
    expect(text).not.toMatch(/NaN|Infinity|null/);
  });

  it('tells the gains that metric and clock both prove, and which of the two is in the way', () => {
    const provable = (runs: BenchmarkRun[]) => diagnose(diagnosedOf(runs), configOf()).power!.provable[1]!.gain!;
    const [calm, loud] = [runsOf(100, 0.02, { cpuSpread: 0.02 }), runsOf(100, 0.02, { cpuSpread: 0.12 })];
    expect(provable(loud)).toBeGreaterThan(1.5 * provable(calm));
    expect(diagnose(diagnosedOf(calm), configOf()).findings).toEqual([]);
    const [found] = diagnose(diagnosedOf(loud), configOf()).findings;
    expect(found!.fact).toMatch(
      /^the loop's own clock, which must see a gain too, spreads by \d+\.\d % of the metric$/,
    );
    expect(subjects(loud, configOf({ clock: 'none' }))).toEqual(['number']);
  });

  it('asks for minDifference where the sign changes, and takes a metric of 0 for a number', () => {
    const [found] = diagnose(diagnosedOf(scores(0, 1)), configOf(score)).findings;
    expect([found!.subject, found!.remedy]).toEqual(['noise', expect.stringMatching(/^set benchmark\.minDifference/)]);
    const zero = diagnose(diagnosedOf(scores(0, 0)), configOf({ ...score, better: 'lower' }));
    expect(zero.findings[0]).toMatchObject({ fact: 'all runs gave the same number' });
    expect(JSON.stringify([zero, renderDiagnosis(zero, configOf(score))])).not.toMatch(/NaN|Infinity/);
  });

  it('finds nothing wrong with a quiet one, and tells what it proves and how long that takes', () => {
    const config = configOf();
    const diagnosis = diagnose(diagnosedOf(runsOf(100, 0.03)), config);
    expect(diagnosis.findings).toEqual([]);
    expect(diagnosis.power!.provable.map(({ probability }) => probability)).toEqual([0.5, 0.9, 0.99]);
    expect(diagnosis.power!.provable[2]!.gain).toBeLessThan(0.1);
    expect(diagnosis.verdictSeconds.clearGain).toBeGreaterThan(diagnosis.verdictSeconds.noGain);
    const text = renderDiagnosis(diagnosis, config).map(([subject, line]) => `${subject} ${line}`);
    expect(text[0]).toMatch(
      /^spread of a pair: the metric [\d.]+ %, CPU time [\d.]+ %, wall time [\d.]+ %; the quietest is /,
    );
    expect(text.at(-2)).toMatch(/^gain that is proved: \d+ % with 50 %, \d+ % with 90 %, \d+ % with 99 % power$/);
  });

  it('warns of noise, and names what would help', () => {
    const [finding] = diagnose(diagnosedOf(runsOf(100, 0.5, { cpuSpread: 0.02 })), configOf()).findings;
    expect(finding).toMatchObject({ subject: 'noise', state: 'warning' });
    expect(finding!.fact).toContain('most gains would be lost');
    expect(finding!.remedy).toMatch(
      /CPU time of the measured part.*repeat the measured part \d times and print the (mean|minimum)/,
    );
  });

  it('warns of a metric that is a small share of the process, of one that is too short, and of runs near their limit', () => {
    expect(subjects(runsOf(50, 0.02, { cpu: 900 }))).toEqual(['share']);
    expect(subjects(runsOf(2, 0.02, { cpu: 3 }))).toEqual(['length']);
    expect(subjects(runsOf(9_000, 0.02), configOf({}, { limits: { benchmarkSeconds: 10 } }))).toEqual(['limits']);
    expect(subjects(runsOf(30, 0.02, { cpu: 30 }), configOf({ metric: undefined }))).toEqual(['share']);
  });

  it('does not take a number that is no time for one', () => {
    expect(subjects(runsOf(2, 0.02, { cpu: 200 }), configOf({ unit: 'MB/s', better: 'higher' }))).toEqual([]);
  });

  it('tells of numbers that never differ, and asks nothing more of an exact metric than who reads it', () => {
    const same = runsOf(100, 0).map((run) => ({ ...run, metric: 100 }));
    expect(diagnose(diagnosedOf(same), configOf()).findings[0]!.remedy).toContain('set benchmark.noise to "exact"');
    const exact = configOf({ noise: 'exact', unit: 'bytes' });
    const diagnosis = diagnose(diagnosedOf(same.slice(0, 3)), exact);
    expect([diagnosis.power, diagnosis.findings]).toMatchObject([null, [{ subject: 'number', state: 'warning' }]]);
    expect(renderDiagnosis(diagnosis, exact).map(([, text]) => text)).toContain(
      'that is proved: every one of 5.0 % or more',
    );
  });

  it('tells of each side metric how often it passes unchanged, and warns with the bound that its noise can hold', () => {
    const config = configOf(
      {},
      {
        sideMetrics: [
          { name: 'heap', command: 'true' },
          { name: 'rss', command: 'true' },
        ],
      },
    );
    const answer = diagnosedOf(runsOf(100, 0.02));
    answer.sideRuns = [
      { name: 'heap', values: runsOf(100, 0.02).map(({ metric }) => metric) },
      { name: 'rss', values: runsOf(100, 0.4).map(({ metric }) => metric) },
    ];
    const diagnosis = diagnose(answer, config);
    expect(diagnosis.side).toMatchObject([{ name: 'heap', passes: 1 }, { name: 'rss' }]);
    const [, rss] = diagnosis.side;
    expect(diagnosis.findings).toEqual([
      {
        subject: 'side',
        state: 'warning',
        fact: expect.stringMatching(
          /^rss: a pair spreads by [\d.]+ %; a candidate that leaves it unchanged passes in \d+ % of decisions \(worstAllowed 0\.05\)$/,
        ) as string,
        remedy: `measure it with less noise, or set worstAllowed to ${rss!.holds}, which this noise can hold`,
      },
    ]);
    expect(renderDiagnosis(diagnosis, config).at(-2)).toEqual([
      'side',
      expect.stringMatching(
        /^heap: a pair spreads by [\d.]+ %; unchanged it passes in 100 % of decisions, about \d pairs each; worstAllowed 0\.0\d can surely be held$/,
      ),
    ]);
  });
});
