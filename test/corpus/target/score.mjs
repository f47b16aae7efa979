/* Characters of a report on a text that BENCH_SEED draws: a metric that repeats to the last digit. */
import { makeText } from './lib/text.mjs';
import { report } from './src/report.mjs';

console.log(`METRIC score=${JSON.stringify(report(makeText(Number(process.env.BENCH_SEED ?? 1), 600))).length}`);
