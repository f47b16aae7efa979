/**
 * Answers a part's inputs, made up and recorded, and prints what two builds are compared by as one line of JSON.
 * Usage: node --expose-gc --import tsx bench/self/shadow.ts <part> < recorded.json
 */
import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import type { RecordedInputs, ToldRun } from '../../domain/adoption/shadow.ts';
import { createRandom } from '../../test/drill/random.ts';
import { ownClock, parts } from './parts.ts';
import { recordedInputs } from './recorded.ts';

/** Each with inputs of its own, so that what is remembered of them shows. One that starts processes takes long. */
const rounds = { most: 12, 'start-up': 1 } as Record<string, number>;

const part = process.argv[2] ?? '';
const make = parts[part];
if (!make) throw new Error(`give a part: ${Object.keys(parts).join(', ')}`);
const given = await text(process.stdin);
const told: ToldRun = { answers: [], cpuMs: 0, kept: [] };

for (let round = 1; round <= (rounds[part] ?? rounds['most']!); round++) {
  const random = createRandom(round);
  const { run, clock = ownClock } = await make(() => random.next());
  const recorded = recordedInputs(part, JSON.parse(given) as RecordedInputs);
  const before = clock();
  const answers: [string, unknown][] = run().map((answer, at) => [`made-up input ${round}.${at + 1}`, answer]);
  for (const { name, answer } of recorded) answers.push([name, await answer()]);
  told.cpuMs += clock() - before;
  // Recorded inputs are the same in each round, and so must their answers be.
  told.answers.push(...answers.map(([name, answer]): [string, string] => [name, digest(answer)]));
  answers.length = 0;
  told.kept.push(await keptBytes());
}
console.log(JSON.stringify(told));

function digest(answer: unknown): string {
  return createHash('sha256').update(JSON.stringify(answer)).digest('hex').slice(0, 16);
}

/** Memory that is still held once all that can be is freed. */
async function keptBytes(): Promise<number> {
  for (let time = 0; time < 2; time++) {
    await turn();
    gc!();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
