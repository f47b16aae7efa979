/** Prints the CPU time that `busiest` takes on made-up logs, as "METRIC ms=…", and a checksum of all it returned, as "CHECK …". */
import { createHash } from 'node:crypto';
import { busiest } from './src/rushhour.mjs';

const [warmUps, measured] = [2, 16];
const first = Number(process.env.BENCH_SEED ?? 0);
const logs = Array.from({ length: warmUps + measured }, (_, log) =>
  makeLog({ seed: first + log, minutes: 12, requestsPerMinute: 700, pages: 450 }),
);

const results = logs.slice(0, warmUps).map((log) => busiest(log, 10)); // Compiling is not what is measured.
const before = process.cpuUsage();
for (const log of logs.slice(warmUps)) results.push(busiest(log, 10));
const { user, system } = process.cpuUsage(before);
console.log(`METRIC ms=${((user + system) / 1000).toFixed(3)}`);
console.log(`CHECK ${createHash('sha256').update(JSON.stringify(results)).digest('hex').slice(0, 16)}`);

/** Few pages get most of the requests, as on a real site. */
function makeLog({ seed, minutes, requestsPerMinute, pages }) {
  const random = createRandom(seed);
  const requests = Array.from({ length: pages }, (_, page) => `GET /articles/${page}/index.html 200`);
  const lines = [];
  for (let minute = 0; minute < minutes; minute++) {
    for (let request = 0; request < requestsPerMinute; request++) {
      const second = Math.floor((request * 60) / requestsPerMinute);
      const page = requests[Math.floor(random() ** 2 * pages)];
      lines.push(`2024-05-01T13:${twoDigits(minute)}:${twoDigits(second)} ${page}`);
    }
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function twoDigits(number) {
  return String(number).padStart(2, '0');
}

/** Numbers in [0, 1), the same for the same seed (a linear congruential generator, Numerical Recipes). */
function createRandom(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
