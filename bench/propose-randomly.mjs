/**
 * A command source to compare models with: sets one of the brief's constants to one of its values, each pair of both equally likely.
 * Reads the brief on standard input and prints the hypothesis. The same seed and iteration give the same one.
 */
import { readFileSync } from 'node:fs';

const { seed, iteration, choices } = JSON.parse(readFileSync(0, 'utf8'));
const combinations = choices.flatMap((choice) => choice.values.map((value) => ({ ...choice, value })));
if (combinations.length === 0) {
  console.error('brief: has no choices left; nothing to propose');
  process.exitCode = 1;
} else {
  const { file, constant, line, present, value } =
    combinations[Math.floor(random(seed ^ Math.imul(iteration, 0x9e3779b1)) * combinations.length)];
  // The words of domain/proposal/choices.ts, by which the loop knows what was tried.
  const title = `Set ${constant} in ${file} to ${value} (was ${present})`;
  const replace = line.replace(/(=\s*)[0-9][0-9_]*(?:\.[0-9]+)?/, `$1${value}`);
  console.log(JSON.stringify({ title, edits: [{ file, search: line, replace }] }));
}

/** The first number of mulberry32 from a seed, in [0, 1). */
function random(state) {
  const next = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
