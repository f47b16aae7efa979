import { readFileSync } from 'node:fs';

/** The text that is learned from, as indexes of its characters in `alphabet`. */
export function readTraining() {
  const text = readFileSync(new URL('training.txt', import.meta.url), 'utf8');
  const alphabet = [...new Set(text)].sort().join('');
  return { alphabet, training: encode(text, alphabet) };
}

export function encode(text, alphabet) {
  return Uint8Array.from(text, (character) => alphabet.indexOf(character));
}
