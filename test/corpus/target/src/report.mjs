import { distance } from './distance.mjs';
import { frequency } from './frequency.mjs';
import { tokens } from './tokens.mjs';
import { top } from './top.mjs';

const LIMIT = 100;

/** The most frequent words of a text, each with its nearest neighbour among them. */
export function report(text) {
  const chosen = top(frequency(tokens(text)), LIMIT);
  return chosen.map(({ word, count }) => ({ word, count, nearest: nearest(word, chosen) }));
}

function nearest(word, entries) {
  let found = null;
  for (const other of entries) {
    if (other.word === word) continue;
    const edits = distance(word, other.word);
    if (found === null || edits < found.edits) found = { word: other.word, edits };
  }
  return found?.word ?? null;
}
