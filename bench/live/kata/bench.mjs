/** CPU time of one of the functions on made-up input: `node bench.mjs <name>`, as one line "METRIC ms=…" and one "CHECK …" of the results. */
import { createHash } from 'node:crypto';

const [warmUps, repeats] = [2, 8];
const random = createRandom(Number(process.env.BENCH_SEED ?? 1));
const number = (limit) => Math.floor(random() * limit);
const list = (length, make) => Array.from({ length }, make);
const word = () => list(3 + number(6), () => 'etaoinshrdlu'[number(12)]).join('');
const numbers = (length, limit) => list(length, () => number(limit));

/** What each function is called with. */
const inputs = {
  bits: () => [numbers(20_000, 2 ** 31)],
  csv: () => [list(3_000, () => list(12, () => (number(40) === 0 ? '"a,b"' : word())).join(',')).join('\n')],
  distance: () => [list(60, word).join(' '), list(60, word).join(' ')],
  find: () => [numbers(4_000, 1e6).sort((a, b) => a - b), numbers(500, 1e6)],
  matrix: () => [list(150, () => numbers(150, 100)), list(150, () => numbers(150, 100))],
  moving: () => [numbers(60_000, 1_000), 40],
  primes: () => [40_000 + number(10)],
  slug: () => [list(9_000, () => (number(9) === 0 ? 'É, ' : word())).join(' ')],
  unique: () => [numbers(6_000, 3_000)],
  words: () => [list(4_000, word).join(' ')],
};

const name = process.argv[2];
const [call] = Object.values(await import(`./src/${name}.mjs`));
const input = inputs[name]();
for (let repeat = 0; repeat < warmUps; repeat++) call(...input);
const results = [];
const before = process.cpuUsage();
for (let repeat = 0; repeat < repeats; repeat++) results.push(call(...input));
const { user, system } = process.cpuUsage(before);
console.log(`METRIC ms=${((user + system) / 1000).toFixed(3)}`);
console.log(`CHECK ${createHash('sha256').update(JSON.stringify(results)).digest('hex').slice(0, 16)}`);

/** Numbers in [0, 1), the same for the same seed (a linear congruential generator, Numerical Recipes). */
function createRandom(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
