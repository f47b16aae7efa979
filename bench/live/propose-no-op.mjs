/**
 * A command source for `no-ops.ts`: hypotheses that change nothing of what a program does. Iteration n gets change n of
 * reordered lines and statements without effect; names of locals and comments alone would be the same program.
 * Its arguments are JSON: { "<file>": { "swap": [[a, b], …] } }.
 */
import { readFileSync } from 'node:fs';

const plan = JSON.parse(process.argv[2]);
const { iteration, files } = JSON.parse(readFileSync(0, 'utf8'));
const contents = Object.fromEntries(files.map(({ path, content }) => [path, content]));
const changes = Object.entries(plan).flatMap(([file, { swap }]) => [
  ...swap.map(([first, second]) => [file, 'Reorder independent lines', swapped(contents[file], first, second)]),
  ...padded(contents[file]).map((content) => [file, 'Add a statement without effect', content]),
]);
const [file, title, content] = changes[(iteration - 1) % changes.length];
if (content === contents[file]) throw new Error(`${title}: changes nothing in ${file}`);
process.stdout.write(JSON.stringify({ title: `${title} (${iteration})`, edits: [{ file, content }] }));

function swapped(text, first, second) {
  return text.replace(first, '\0').replace(second, first).replace('\0', second);
}

/** A statement before each line that ends one: as many as a loop of 50 needs. */
function padded(text) {
  const lines = text.split('\n');
  const places = lines.flatMap((line, index) =>
    line.endsWith(';') && /;$/.test(lines[index - 1] ?? '') ? [index] : [],
  );
  return places.map((place) => [...lines.slice(0, place), `void ${iteration};`, ...lines.slice(place)].join('\n'));
}
