/*
 * Reports on texts that BENCH_SEED draws, each of them new, so that nothing can be kept from one to the next.
 * The checksum covers the warm-ups too, else they could be left out; with "last" it does not.
 * `node bench.mjs cpu` measures CPU time of this process, `node bench.mjs wall` wall time.
 */
import { makeText } from './lib/text.mjs';
import { report } from './src/report.mjs';

const [, , clock = 'cpu', covered = 'all'] = process.argv;
const repeats = 6;
const seed = Number(process.env.BENCH_SEED ?? 1);
const texts = Array.from({ length: repeats + 2 }, (_, index) => makeText(seed + index, 6_000));
const warmUps = texts.slice(0, 2).map((text) => report(text));

const [cpuBefore, wallBefore] = [process.cpuUsage(), performance.now()];
const results = texts.slice(2).map((text) => report(text));
const [cpu, wall] = [process.cpuUsage(cpuBefore), performance.now() - wallBefore];

let checksum = 0;
for (const { word, count, nearest } of (covered === 'last' ? results : [...warmUps, ...results]).flat()) {
  for (const character of `${word}:${count}:${nearest};`)
    checksum = (Math.imul(checksum, 31) + character.charCodeAt(0)) >>> 0;
}
console.log(`METRIC ms=${clock === 'wall' ? wall : (cpu.user + cpu.system) / 1000}`);
console.log(`CHECK ${checksum.toString(16)}`);
