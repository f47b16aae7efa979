/**
 * What costs a loop's own programs time, one part at a time: prints CPU time as "METRIC ms=…", and a checksum of all answers
 * as "CHECK …". examples/self/loop.json runs it; README.md says how the parts were chosen.
 * Usage: node --import tsx bench/self/index.ts <part>
 */
import { createHash } from 'node:crypto';
import { createRandom } from '../../test/drill/random.ts';
import { ownClock, parts, type Part } from './parts.ts';

const make = parts[process.argv[2] ?? ''];
if (!make) throw new Error(`give a part: ${Object.keys(parts).join(', ')}`);
const random = createRandom(Number(process.env['BENCH_SEED'] ?? 1));
const draw = () => make(() => random.next());
// Each repeat has inputs of its own: a candidate gains nothing by answers that it remembers.
const first = await draw();
const rest: Part[] = [];
while (rest.length < first.repeats) rest.push(await draw());
const { clock = ownClock } = first;
const answers = [first.run()];
const before = clock();
for (const { run } of rest) answers.push(run());
console.log(`METRIC ms=${(clock() - before).toFixed(3)}`);
console.log(`CHECK ${createHash('sha256').update(JSON.stringify(answers)).digest('hex').slice(0, 16)}`);
