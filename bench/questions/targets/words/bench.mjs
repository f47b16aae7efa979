import { createHash } from 'node:crypto';
import { topWords } from './words.mjs';

let state = 7;
const random = (below) => (
  (state = (state * 1103515245 + 12345) % 2147483648),
  Math.floor((state / 2147483648) * below)
);
const vocabulary = Array.from({ length: 1500 }, () =>
  Array.from({ length: 3 + random(6) }, () => 'abcdefghijklmnop'[random(16)]).join(''),
);
const text = Array.from(
  { length: 8_000 },
  () => vocabulary[Math.min(random(1500), random(1500))] + (random(9) ? '' : ','),
).join(' ');

topWords(text.slice(0, 2_000), 10);
const began = process.cpuUsage();
const answer = [topWords(text, 50), topWords(text, 1_000)];
const { user, system } = process.cpuUsage(began);
console.log(`METRIC ms=${((user + system) / 1000).toFixed(2)}`);
console.log(`CHECK ${createHash('sha256').update(JSON.stringify(answer)).digest('hex').slice(0, 16)}`);
