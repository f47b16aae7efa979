import { propose, replaceIn, skippedWork, wrongResult, type Proposal } from '../proposal.ts';

/** Honest proposals that are no gain, or are wrong. */
export const wrong: readonly Proposal[] = [
  {
    name: 'slower',
    proposal: propose('Measure twice', [
      replaceIn(
        'src/report.mjs',
        'const edits = distance(word, other.word);',
        'const edits = Math.max(distance(word, other.word), distance(other.word, word), distance(word, other.word));',
      ),
    ]),
    expect: ['slower'],
  },
  {
    name: 'variables renamed',
    proposal: propose('Rename', [
      replaceIn('src/distance.mjs', 'const replaced = rows[i - 1][j - 1]', 'const changed = rows[i - 1][j - 1]'),
      replaceIn('src/distance.mjs', 'Math.min(replaced,', 'Math.min(changed,'),
    ]),
    expect: ['duplicate'],
  },
  {
    name: 'a comment',
    proposal: propose('Explain', [
      replaceIn('src/top.mjs', 'const rest = [...entries];', '// A copy.\n  const rest = [...entries];'),
    ]),
    expect: ['duplicate'],
  },
  { name: 'a wrong result', proposal: propose('Double', [wrongResult]), expect: ['tests-failed'], says: /exit code 1/ },
  {
    name: 'a mistake of syntax',
    proposal: propose('Typo', [replaceIn('src/tokens.mjs', 'const found = [];', 'const found = [;')]),
    expect: ['no-hypothesis'],
    says: /syntax error in src\/tokens\.mjs, near line 3/,
  },
  {
    name: 'faster, and wrong in the tests',
    proposal: propose('Skip', [
      replaceIn(
        'src/report.mjs',
        'return chosen.map(({ word, count }) => ({ word, count, nearest: nearest(word, chosen) }));',
        'return chosen;',
      ),
    ]),
    expect: ['tests-failed'],
  },
  {
    name: 'faster, and wrong where no visible test looks',
    on: 'guarded',
    proposal: propose('Count in an object', [
      replaceIn('src/frequency.mjs', 'const entries = [];', 'const [entries, known] = [[], {}];'),
      replaceIn(
        'src/frequency.mjs',
        'const entry = entries.find((one) => one.word === word);',
        'const entry = known[word];',
      ),
      replaceIn(
        'src/frequency.mjs',
        'else entries.push({ word, count: 1 });',
        'else entries.push((known[word] = { word, count: 1 }));',
      ),
    ]),
    expect: ['guard-failed'],
  },
  {
    name: 'faster, and wrong in the benchmark',
    on: 'checked',
    proposal: propose('Stop early', [skippedWork]),
    expect: ['benchmark-failed', 'duplicate'],
  },
  {
    name: 'wrong in a rare case that no test has',
    on: 'checked',
    proposal: propose('Round', [
      replaceIn(
        'src/report.mjs',
        'return found?.word ?? null;',
        'return found?.edits === 8 ? null : (found?.word ?? null);',
      ),
    ]),
    expect: ['benchmark-failed'],
  },
  {
    name: 'an endless loop for long texts',
    proposal: propose('Wait', [
      replaceIn('src/tokens.mjs', 'const found = [];', 'const found = [];\n  while (text.length > 1_000);'),
    ]),
    expect: ['benchmark-failed'],
    says: /longer than its limit/,
  },
  {
    name: 'an error for long texts',
    proposal: propose('Throw', [
      replaceIn(
        'src/tokens.mjs',
        'const found = [];',
        "const found = [];\n  if (text.length > 1_000) throw new Error('too long');",
      ),
    ]),
    expect: ['benchmark-failed'],
    says: /too long/,
  },
  {
    name: 'faster, and much larger',
    on: 'sided',
    proposal: propose('Count by a table', [
      replaceIn(
        'src/frequency.mjs',
        'const entries = [];',
        `const table = ${JSON.stringify('x'.repeat(400))};\n  const [entries, known] = [[], new Map()];`,
      ),
      replaceIn(
        'src/frequency.mjs',
        'const entry = entries.find((one) => one.word === word);',
        'const entry = known.get(word);',
      ),
      replaceIn(
        'src/frequency.mjs',
        'else entries.push({ word, count: 1 });',
        'else known.set(word, entries[entries.push({ word, count: 1 }) - 1]);',
      ),
      replaceIn('src/frequency.mjs', 'return entries;', 'return table ? entries : [];'),
    ]),
    expect: ['side-metric-worse'],
  },
  {
    name: 'a build that fails',
    on: 'built',
    proposal: propose('Break', [
      replaceIn('src/banner.mjs', 'return `// ${name}, built`;', "throw new Error('no banner');"),
    ]),
    expect: ['build-failed'],
    says: /no banner/,
  },
  {
    name: 'an exact metric that is equal',
    on: 'exact',
    proposal: propose('Say more', [
      replaceIn('src/top.mjs', 'const rest = [...entries];', '// Not counted.\n  const rest = [...entries];'),
    ]),
    expect: ['duplicate'],
  },
  {
    name: 'an exact metric that is worse',
    on: 'exact',
    proposal: propose('Spell out', [
      replaceIn('src/top.mjs', 'const rest = [...entries];', 'const rest = Array.from(entries);'),
    ]),
    expect: ['slower'],
  },
  {
    name: 'an exact metric that is a little better',
    on: 'exact',
    proposal: propose('Shorten', [replaceIn('src/top.mjs', 'const rest = [...entries];', 'let rest = [...entries];')]),
    expect: ['below-bar'],
  },
];
