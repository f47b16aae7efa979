/**
 * What costs a loop's own programs time, one part at a time: prints CPU time as "METRIC ms=…", and a checksum of all answers
 * as "CHECK …". examples/self/loop.json runs it; README.md says how the parts were chosen.
 * Usage: node --import tsx bench/self/index.ts <part>
 */
import { createHash } from 'node:crypto';
import { brief } from './brief.ts';
import { edits } from './edits.ts';
import { ledger } from './ledger.ts';
import { profiles } from './profiles.ts';
import { createRandom } from '../../test/drill/random.ts';
import { startUp } from './start-up.ts';

/** Makes inputs from a seed; returns what is measured, and how often it is done: once more before, as a warm-up. */
export interface Part {
  run: () => unknown;
  repeats: number;
  /** CPU time so far, in ms; left out: this process's own. */
  clock?: () => number;
}

const parts: Record<string, (random: () => number) => Part | Promise<Part>> = {
  brief,
  edits,
  ledger,
  profiles,
  'start-up': startUp,
};

const make = parts[process.argv[2] ?? ''];
if (!make) throw new Error(`give a part: ${Object.keys(parts).join(', ')}`);
const random = createRandom(Number(process.env['BENCH_SEED'] ?? 1));
const { run, repeats, clock = ownClock } = await make(() => random.next());
const answers = [run()];
const before = clock();
for (let repeat = 0; repeat < repeats; repeat++) answers.push(run());
console.log(`METRIC ms=${(clock() - before).toFixed(3)}`);
console.log(`CHECK ${createHash('sha256').update(JSON.stringify(answers)).digest('hex').slice(0, 16)}`);

function ownClock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
