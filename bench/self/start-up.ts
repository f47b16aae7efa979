import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Part } from './parts.ts';

const program = fileURLToPath(new URL('../../client/karpathy-loop.mjs', import.meta.url));
/** Clock ticks of /proc, in ms: the same on every Linux. */
const tick = 10;

/** Starts the command line and lets it answer: judge pairs, and print help. */
export function startUp(random: () => number): Part {
  const pairs = Array.from({ length: 12 }, () => [100 + random(), 90 + random()]);
  const ask = (words: string[], input = '') =>
    execFileSync(process.execPath, [program, ...words], { input, encoding: 'utf8' });
  const run = () => [ask(['decide'], JSON.stringify({ pairs })), ask(['run', '--help'])];
  return { repeats: 2, run, clock: childrenClock };
}

/** CPU time of the children that have ended. */
function childrenClock(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * tick;
}
