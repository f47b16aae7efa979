/**
 * A command source for `no-ops.ts`: hypotheses that change nothing of what a program does. Iteration n gets change n of
 * renamed variables, comments and reordered lines; its arguments are JSON: { "<file>": { "rename": […], "swap": [[a, b], …] } }.
 */
import { readFileSync } from 'node:fs';

const plan = JSON.parse(process.argv[2]);
const { iteration, files } = JSON.parse(readFileSync(0, 'utf8'));
const contents = Object.fromEntries(files.map(({ path, content }) => [path, content]));
const renames =
  (suffixes) =>
  ([file, { rename }]) =>
    rename.flatMap((name) =>
      suffixes.map((suffix) => [file, `Rename ${name} to ${name}${suffix}`, renamed(contents[file], name, suffix)]),
    );
const changes = Object.entries(plan).flatMap(([file, { rename, swap }]) => [
  ...renames(['Value', 'Now', '_'])([file, { rename }]),
  ...swap.map(([first, second]) => [file, 'Reorder independent lines', swapped(contents[file], first, second)]),
  ...commented(contents[file]).map((content) => [file, 'Comment a line', content]),
]);
// As many as a loop of 50 needs, whatever the file.
changes.push(...Object.entries(plan).flatMap(renames(['Here', 'Own', '1'])));
const [file, title, content] = changes[(iteration - 1) % changes.length];
if (content === contents[file]) throw new Error(`${title}: changes nothing in ${file}`);
process.stdout.write(JSON.stringify({ title: `${title} (${iteration})`, edits: [{ file, content }] }));

function renamed(text, name, suffix) {
  return text.replace(new RegExp(`(?<![\\w.'"])${name}(?![\\w'":])`, 'g'), `${name}${suffix}`);
}

function swapped(text, first, second) {
  return text.replace(first, '\0').replace(second, first).replace('\0', second);
}

/** A comment before every seventh line that ends a statement. */
function commented(text) {
  const lines = text.split('\n');
  const places = lines.flatMap((line, index) =>
    line.endsWith(';') && /;$/.test(lines[index - 1] ?? '') ? [index] : [],
  );
  return places.map((place) => [...lines.slice(0, place), '// As before.', ...lines.slice(place)].join('\n'));
}
