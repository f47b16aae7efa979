/** Prints the CPU time of the distances that a spelling help and a line matcher ask for, as "METRIC ms=…", and their checksum, as "CHECK …". */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const { get } = createRequire(import.meta.url)('./levenshtein.js');
const [warmUps, measured] = [2, 10];
const first = Number(process.env.BENCH_SEED ?? 0);
const inputs = Array.from({ length: warmUps + measured }, (_, input) => makeInput(first + input));

const results = inputs.slice(0, warmUps).map(distances); // Compiling is not what is measured.
const before = process.cpuUsage();
for (const input of inputs.slice(warmUps)) results.push(distances(input));
const { user, system } = process.cpuUsage(before);
console.log(`METRIC ms=${((user + system) / 1000).toFixed(3)}`);
console.log(`CHECK ${createHash('sha256').update(JSON.stringify(results)).digest('hex').slice(0, 16)}`);

function distances({ typed, dictionary, lines }) {
  const ofWords = typed.map((word) => dictionary.map((candidate) => get(word, candidate)));
  return [ofWords, lines.map(([left, right]) => get(left, right))];
}

/** Mistyped words against every word of a dictionary, and lines against an edited or another line. */
function makeInput(seed) {
  const random = createRandom(seed);
  const dictionary = Array.from({ length: 200 }, () => makeWord(random));
  const typed = dictionary.slice(0, 120).map((word) => mistype(word, 1, random));
  const written = Array.from({ length: 60 }, () =>
    Array.from({ length: 15 }, () => dictionary[Math.floor(random() * dictionary.length)]).join(' '),
  );
  const lines = written.flatMap((line, index) => [
    [line, mistype(line, 4, random)],
    [line, written[(index + 1) % written.length]],
  ]);
  return { typed, dictionary, lines };
}

function makeWord(random) {
  const pick = (letters) => letters[Math.floor(random() * letters.length)];
  return (
    Array.from({ length: 2 + Math.floor(random() * 4) }, () => `${pick('bcdfghklmnprstvwz')}${pick('aeiouäé')}`).join(
      '',
    ) + pick('nrst')
  );
}

/** Some letters replaced, inserted or left out. */
function mistype(text, count, random) {
  let typed = text;
  for (let step = 0; step < count; step++) {
    const at = Math.floor(random() * typed.length);
    const letters = ['', 'e', `${typed[at] ?? ''}x`][Math.floor(random() * 3)];
    typed = typed.slice(0, at) + letters + typed.slice(at + 1);
  }
  return typed;
}

/** Numbers in [0, 1), the same for the same seed (a linear congruential generator, Numerical Recipes). */
function createRandom(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
