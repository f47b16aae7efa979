import { createHash } from 'node:crypto';
import { mergeIntervals } from './intervals.mjs';

let state = 11;
const random = (below) => (
  (state = (state * 1103515245 + 12345) % 2147483648),
  Math.floor((state / 2147483648) * below)
);
const intervals = Array.from({ length: 600 }, () => {
  const start = random(100_000);
  return [start, start + random(120)];
});

mergeIntervals(intervals.slice(0, 50));
const began = process.cpuUsage();
const answer = mergeIntervals(intervals);
const { user, system } = process.cpuUsage(began);
console.log(`METRIC ms=${((user + system) / 1000).toFixed(2)}`);
console.log(`CHECK ${createHash('sha256').update(JSON.stringify(answer)).digest('hex').slice(0, 16)}`);
