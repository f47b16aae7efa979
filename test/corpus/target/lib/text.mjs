/** A text of made-up words, the same for the same seed; frequent words are short. */
export function makeText(seed, length) {
  const next = randomIntegers(seed);
  const words = Array.from({ length: 2_000 }, () => makeWord(next));
  const chosen = Array.from({ length }, () => words[Math.floor(words.length * (next() / 2 ** 32) ** 2)]);
  return chosen.map((word, index) => word + (index % 12 === 11 ? '\n' : ' ')).join('');
}

function makeWord(next) {
  return Array.from({ length: 3 + (next() % 8) }, () => 'abcdefghijklmnopqrstuvwxyz'[next() % 26]).join('');
}

/** mulberry32. */
function randomIntegers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return (value ^ (value >>> 14)) >>> 0;
  };
}
