import { appendFileSync, closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** A hypothesis on the drill's target: in odd iterations a gain, in even ones by turns a change without gain and one that fails the test. */
export function propose(sources, iteration) {
  const rounds = Number(/const ROUNDS = (\d+);/.exec(sources)?.[1]);
  const edit = (search, replace) => [{ file: 'src/total.mjs', search, replace }];
  if (iteration % 2 === 1) {
    const fewer = Math.max(1, Math.floor(rounds / 2));
    return { title: `Sum in ${fewer} rounds`, edits: edit(`const ROUNDS = ${rounds};`, `const ROUNDS = ${fewer};`) };
  }
  if (iteration % 4 === 2)
    return {
      title: `Look again in iteration ${iteration}`,
      // A comment alone would be the same program.
      edits: edit('// Rounds of the sum.', `// Rounds of the sum.\nvoid ${iteration};`),
    };
  return { title: 'Sum wrongly', edits: edit('return sum;', 'return sum + 1;') };
}

/** Leaves on disk that a model was asked, before it answers. */
export function logCall(directory, loopId, iteration) {
  const file = openSync(join(directory, `${loopId}.jsonl`), 'a');
  appendFileSync(file, `${JSON.stringify({ at: Date.now(), loopId, iteration })}\n`);
  fsyncSync(file);
  closeSync(file);
}
