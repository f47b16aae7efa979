/* Reads a packed text on standard input, and prints its bytes if it is the one that BENCH_SEED draws. */
import { readFileSync } from 'node:fs';
import { letters } from './lib/letters.mjs';

const packed = readFileSync(0, 'utf8').replace(/\n$/, '');
const unpacked = packed.replace(/(\d*)([a-z])/g, (_, length, letter) => letter.repeat(Number(length || 1)));
if (unpacked !== letters(Number(process.env.BENCH_SEED ?? 1), 400)) throw new Error('it unpacks to another text');
console.log(`METRIC bytes=${Buffer.byteLength(packed)}`);
