/* Packs a text that BENCH_SEED draws, and prints what it becomes; read.mjs tells how long it is. */
import { letters } from './lib/letters.mjs';
import { pack } from './codec/pack.mjs';

console.log(pack(letters(Number(process.env.BENCH_SEED ?? 1), 400)));
