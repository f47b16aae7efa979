import { work } from './src/work.mjs';

let state = Number(process.env.BENCH_SEED ?? 1) >>> 0;
const numbers = Array.from({ length: 100_000 }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0));
work(numbers);
const [cpu, wall] = [process.cpuUsage(), performance.now()];
const sums = [work(numbers), work(numbers), work(numbers)];
const { user, system } = process.cpuUsage(cpu);
console.log(
  `CPU ms=${((user + system) / 1000).toFixed(3)}\nWALL ms=${(performance.now() - wall).toFixed(3)}\nCHECK ${sums}`,
);
