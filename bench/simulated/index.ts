/**
 * How many seconds a loop takes until 90 % of the gain that can be had, with a simulated model over the product's own rules and
 * recorded noise: with and without screening, patience and memory, and with a bandit over the kinds of question.
 * Usage: npx tsx bench/simulated [loops per cell, 200]
 */
import type { Costs } from '../../domain/config/effort.ts';
import { readTraces } from '../verdict/trace-file.ts';
import { simulate, type Parts } from './loop.ts';
import { distributions } from './model.ts';

const loops = Number(process.argv[2] ?? 200);
/** Seconds of an answer, the build, the tests and a run. */
const cases: Record<string, Costs> = {
  'small model, quick benchmark': { answer: 5, build: 0, tests: 1, run: 0.5 },
  'small model, slow benchmark': { answer: 5, build: 5, tests: 5, run: 30 },
  'slow model, quick benchmark': { answer: 60, build: 0, tests: 2, run: 1 },
};
const all: Parts = { screening: true, patience: true, memory: true, bandit: false };
const none: Parts = { screening: false, patience: false, memory: false, bandit: false };
const variants: Record<string, Parts> = {
  none,
  'screening alone': { ...none, screening: true },
  'patience alone': { ...none, patience: true },
  'memory alone': { ...none, memory: true },
  all,
  'all but screening': { ...all, screening: false },
  'all but patience': { ...all, patience: false },
  'all but memory': { ...all, memory: false },
  'all, with a bandit': { ...all, bandit: true },
};
const traces = readTraces();

for (const [name, costs] of Object.entries(cases)) {
  for (const distribution of distributions) {
    console.log(`\n${name}; ${distribution.name}: mean seconds until 90 % of the gain, over ${loops} loops`);
    console.log(
      '| parts | benchmark | tests | model | in all | iterations | not reached |\n|---|---|---|---|---|---|---|',
    );
    for (const [parts, on] of Object.entries(variants)) {
      const runs = Array.from({ length: loops }, (_, loop) =>
        simulate(distribution, costs, { trace: traces[loop % traces.length]!, parts: on, seed: loop + 1 }),
      );
      const mean = (of: (run: (typeof runs)[number]) => number) =>
        runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
      const whole = (value: number) => value.toFixed(0);
      const { model, tests, benchmark } = {
        model: mean((run) => run.model),
        tests: mean((run) => run.tests),
        benchmark: mean((run) => run.benchmark),
      };
      const cut = runs.filter(({ isCut }) => isCut).length;
      const cells = [benchmark, tests, model, benchmark + tests + model, mean(({ iterations }) => iterations)];
      console.log(`| ${parts} | ${cells.map(whole).join(' | ')} | ${cut} |`);
    }
  }
}
