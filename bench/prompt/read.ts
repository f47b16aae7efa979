/**
 * Asks a model the questions on standard input, and prints the share of usable answers: the benchmark's reader of
 * examples/prompt. Without --model a simulated one answers. What a model answers is its own chance, not BENCH_SEED's, so
 * that champion, candidate and repeated runs differ as much as they would.
 * Usage: node --import tsx bench/prompt/read.ts [--model qwen2.5-coder:1.5b [--host http://127.0.0.1:11434]] < questions.json
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { leastAnswers, type Asked } from './questions.ts';
import { chanceOf, featuresOf, simulatedShare } from './simulated.ts';

const { values } = parseArgs({ options: { model: { type: 'string' }, host: { type: 'string' } } });
const asked = JSON.parse(readFileSync(0, 'utf8')) as Asked[];
if (asked.length < leastAnswers)
  throw new Error(`standard input: ${asked.length} questions; give ${leastAnswers} or more`);

const share =
  values.model === undefined
    ? simulatedShare(
        asked.map((one) => chanceOf(featuresOf(one))),
        Math.random,
      )
    : await (await import('./real.ts')).realShare(asked, { name: values.model, host: values.host });
const tasks = asked.map(({ task, iteration }) => `${task} ${iteration}`).join('\n');
console.log(`METRIC usable=${share.toFixed(4)}`);
console.log(`CHECK ${createHash('sha256').update(tasks).digest('hex').slice(0, 16)}`);
