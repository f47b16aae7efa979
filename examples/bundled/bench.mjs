/** Prints the CPU time that `busiest` takes on made-up logs, in milliseconds, as one line "METRIC ms=…". */
import { busiest } from './src/rushhour.mjs';

const warmUps = 3;
const logs = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => makeLog({ seed, minutes: 12, requestsPerMinute: 700, pages: 450 }));

for (const log of logs.slice(0, warmUps)) busiest(log, 10); // Compiling is not what is measured.
const before = process.cpuUsage();
for (const log of logs.slice(warmUps)) busiest(log, 10);
const { user, system } = process.cpuUsage(before);
console.log(`METRIC ms=${((user + system) / 1000).toFixed(3)}`);

/** Few pages get most of the requests, as on a real site. */
function makeLog({ seed, minutes, requestsPerMinute, pages }) {
  const random = createRandom(seed);
  const lines = [];
  for (let minute = 0; minute < minutes; minute++) {
    for (let request = 0; request < requestsPerMinute; request++) {
      const second = Math.floor((request * 60) / requestsPerMinute);
      lines.push(
        `2024-05-01T13:${twoDigits(minute)}:${twoDigits(second)} GET /articles/${Math.floor(random() ** 2 * pages)}/index.html 200`,
      );
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
