import { benchmarkFindings } from '../benchmark/findings.ts';
import type { DoctorAnswer, Finding } from '../checks.ts';
import type { LoopConfig } from '../config/loop-config.ts';
import { policyOf, termsOf } from '../config/plan.ts';
import { unseededPairs } from './integrity/unseeded.ts';
import { viewsOf } from './corroboration.ts';
import { beyondRatios, freshPairs, loopFalseCommitRate, median } from './decision.ts';
import { percent, sizeOf } from './gain.ts';
import { noiseOf, spreadOf, type BenchmarkRun, type NoiseEstimate } from './noise.ts';
import { clearGain, powerOf, sidePassing, sidePowerOf, type Power, type SidePower } from './power.ts';
import { sideLogRatio } from './side-metric.ts';
import { unitKind } from './reading/unit.ts';
import type { MeasuredPair } from './pair.ts';
import type { JudgeTerms } from './verdict.ts';

/** Judgement of a benchmark from runs of one program: noise, provable gains, doubts. */
export interface Diagnosis {
  noise: NoiseEstimate;
  /** Null for an exact metric: there every gain that reaches the bar is proved. */
  power: Power | null;
  /** Time of a decision beside build and tests, in seconds. */
  verdictSeconds: { noGain: number; clearGain: number };
  /** Each side metric that varies, with the spread of a pair and how often it passes unchanged. */
  side: ({ name: string; spread: number } & SidePower)[];
  /** Doubts, each with what would help; none where all is well. */
  findings: Finding[];
}

/** Spread of a pair from which on clear gains take long, and from which on most gains are lost. */
const noisy = 0.1;
const tooNoisy = 0.2;
/** Spread of numbers without ratios. */
const noRatio = 100;

export function diagnose(diagnosed: DoctorAnswer, config: LoopConfig): Diagnosis {
  const { runs, runMs } = diagnosed;
  const { noise: kind } = config.benchmark;
  const alpha = loopFalseCommitRate(config.falseCommitRate, config.iterations);
  const policy = policyOf({ config, alpha });
  const noise = noiseOf(runs, policy);
  const views = noiseViews(runs, termsOf({ config, alpha }, diagnosed.benchmark.startUp));
  const loudest = views.reduce((one, next) => (spreadOf(next) > spreadOf(one) ? next : one));
  const power = kind === 'exact' ? null : powerOf(loudest, policy);
  // One more pair warms up where the metric varies, with a seed and without.
  const seconds = (pairs: number) => (2 * pairs * runMs) / 1000;
  const verdictSeconds = power
    ? {
        noGain: seconds(power.pairs.noGain + 1),
        clearGain: seconds(power.pairs.clearGain + 2 + freshPairs + unseededPairs),
      }
    : { noGain: seconds(1), clearGain: seconds(3) };
  const middle = (clock: keyof BenchmarkRun) => median(runs.map((run) => run[clock]));
  const measured = { metric: middle('metric'), cpuMs: middle('cpuMs'), wallMs: middle('wallMs') };
  const side = sideOf(diagnosed, config);
  const findings = [
    ...(kind === 'exact' ? [] : [...aboutNoise(noise, config), ...aboutClock(views)]),
    ...benchmarkFindings(
      { ...diagnosed.benchmark, ...measured },
      config,
      runs.map(({ metric }) => metric),
    ),
    ...aboutSide(side, config),
  ];
  return { noise, power, verdictSeconds, side, findings };
}

/** Samples of runs of one program as pairs of them would give: of the metric, and of the clock where one is asked. */
function noiseViews(runs: readonly BenchmarkRun[], { policy, clock }: JudgeTerms): number[][] {
  const pairs = runs.slice(1).map((run, before): MeasuredPair => {
    const both = (key: keyof BenchmarkRun) => [runs[before]![key], run[key]] as const;
    const [pair, cpuMs, wallMs] = [both('metric'), both('cpuMs'), both('wallMs')];
    return { first: 'champion', pair, cpuMs, wallMs, benchSeed: null };
  });
  return viewsOf(pairs, policy, clock).map((view) => view.map((sample) => Math.max(-beyondRatios, sample)));
}

function aboutClock([metric, clock]: readonly number[][]): Finding[] {
  if (!clock || spreadOf(clock) < noisy || spreadOf(clock) < 2 * spreadOf(metric!)) return [];
  const fact = `the loop's own clock, which must see a gain too, spreads by ${percent(spreadOf(clock))} of the metric`;
  return [doubt('noise', fact, 'repeat the measured part until it is most of the run, or end what runs beside')];
}

function sideOf({ sideRuns }: DoctorAnswer, { sideMetrics }: LoopConfig): Diagnosis['side'] {
  return sideRuns.map(({ name, values }) => {
    const policy = sideMetrics.find((metric) => metric.name === name)!;
    const ratios = values.slice(1).map((value, before) => sideLogRatio([values[before]!, value], policy.better));
    return { name, spread: 1.4826 * median(ratios.map(Math.abs)), ...sidePowerOf(ratios, policy) };
  });
}

function aboutSide(side: Diagnosis['side'], { sideMetrics }: LoopConfig): Finding[] {
  return side.flatMap(({ name, spread, passes, holds }) => {
    if (passes >= sidePassing) return [];
    const allowed = sideMetrics.find((metric) => metric.name === name)!.worstAllowed;
    const [noise, share] = [percent(spread), percent(passes, 0)];
    const fact = `${name}: a pair spreads by ${noise}; a candidate that leaves it unchanged passes in ${share} of decisions`;
    const hold = holds === null ? '' : `, or set worstAllowed to ${holds}, which this noise can hold`;
    return [doubt('side', `${fact} (worstAllowed ${allowed})`, `measure it with less noise${hold}`)];
  });
}

function aboutNoise({ spread, repeats }: NoiseEstimate, { benchmark }: LoopConfig): Finding[] {
  if (spread.metric === 0) {
    const remedy = 'if it always repeats to the last digit, set benchmark.noise to "exact": two runs then decide';
    return [doubt('noise', 'all runs gave the same number', remedy)];
  }
  if (spread.metric < noisy) return [];
  if (spread.metric > noRatio && benchmark.minDifference === undefined) {
    const remedy = 'set benchmark.minDifference, the gain that a commit needs in the unit of the metric';
    return [
      doubt(
        'noise',
        'the metric is 0, or changes its sign, from run to run, so that no share of it makes sense',
        remedy,
      ),
    ];
  }
  const clock = spread.cpuMs !== null && spread.cpuMs < spread.metric / 2 && unitKind(benchmark.unit).kind === 'time';
  const calmer = repeats.flatMap(({ runs, mean, best }) => [
    { runs, how: 'mean', left: mean },
    { runs, how: benchmark.better === 'lower' ? 'minimum' : 'maximum', left: best },
  ]);
  const helps =
    calmer.find(({ left }) => left < Math.max(noisy / 2, spread.metric / 3)) ??
    calmer.find(({ left }) => left < spread.metric / 1.5);
  const remedies = [
    clock && 'print the CPU time of the measured part, which is quieter here',
    helps &&
      `let the benchmark repeat the measured part ${helps.runs} times and print the ${helps.how} (about ${sizeOf(helps.left, benchmark)} then)`,
    'end what runs beside, or use a machine of its own',
  ];
  const loss = spread.metric >= tooNoisy ? ', so that most gains would be lost' : '';
  const fact = `a pair spreads by ${sizeOf(spread.metric, benchmark)}${loss}`;
  return [doubt('noise', fact, remedies.filter(Boolean).join('; '))];
}

function doubt(subject: string, fact: string, remedy: string): Finding {
  return { subject, state: 'warning', fact, remedy };
}

/** The diagnosis for people, without its findings. */
export function renderDiagnosis(
  { noise, power, verdictSeconds, side }: Diagnosis,
  config: LoopConfig,
): [subject: string, text: string][] {
  const { spread, quietest, repeats } = noise;
  const names = { metric: 'the metric', cpuMs: 'CPU time', wallMs: 'wall time' };
  const shown = (['metric', 'cpuMs', 'wallMs'] as const).flatMap((clock) =>
    spread[clock] === null
      ? []
      : [`${names[clock]} ${clock === 'metric' ? sizeOf(spread[clock], config.benchmark) : percent(spread[clock])}`],
  );
  const { minDifference } = config.benchmark;
  const gainOf = (share: number) =>
    minDifference === undefined ? percent(share, 0) : sizeOf(-Math.log1p(-share), config.benchmark);
  const best = config.benchmark.better === 'lower' ? 'minimum' : 'maximum';
  const gains = power?.provable.map(
    ({ probability, gain }) => `${gain === null ? 'none' : gainOf(gain)} with ${percent(probability, 0)}`,
  );
  const [noGain, clear] = [verdictSeconds.noGain, verdictSeconds.clearGain].map(
    (seconds) => `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`,
  );
  return [
    ['spread', `of a pair: ${shown.join(', ')}; the quietest is ${names[quietest]}`],
    ...repeats.map(({ runs, mean, best: left }): [string, string] => [
      '',
      `${runs} runs for one: mean ${sizeOf(mean, config.benchmark)}, ${best} ${sizeOf(left, config.benchmark)}`,
    ]),
    [
      'gain',
      gains
        ? `that is proved: ${gains.join(', ')} power`
        : `that is proved: every one of ${minDifference ?? percent(config.minImprovement)} or more`,
    ],
    ['verdict', `takes about ${noGain} (no gain) to ${clear} (a gain of ${gainOf(clearGain)}), beside build and tests`],
    ...side.map(({ name, spread, passes, pairs, holds }): [string, string] => [
      'side',
      `${name}: a pair spreads by ${percent(spread)}; unchanged it passes in ${percent(passes, 0)} of decisions, about ${pairs.toFixed(0)} pairs each; ${holds === null ? 'no worstAllowed' : `worstAllowed ${holds}`} can surely be held`,
    ]),
  ];
}
