/**
 * In how many seeds does a loop on the bundled example reach a commit: the embedded model beside a uniformly random choice
 * within the same bounds. Needs `node scripts/setup.mjs`; takes about half an hour. Usage: npx tsx bench/seeds.ts [seeds] [iterations]
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { IterationRecord } from '../domain/ledger/record.ts';
import { root, runLoop, withRepository } from './run-loop.ts';

const [seeds = 10, iterations = 8] = process.argv.slice(2).map(Number);
const proposers = {
  model: ['--source', 'embedded'],
  random: [
    '--command-source',
    `random=${process.execPath} ${join(root, 'bench/propose-randomly.mjs')}`,
    '--command',
    'random',
  ],
};

const reached = { model: 0, random: 0 };
const commits = { model: 0, random: 0 };
for (let seed = 1; seed <= seeds; seed++) {
  for (const proposer of ['model', 'random'] as const) {
    const records = await propose(proposer, seed);
    const committed = records.filter(({ outcome }) => outcome === 'committed');
    commits[proposer] += committed.length;
    if (committed.length > 0) reached[proposer] += 1;
    console.log(`seed ${seed} ${proposer}: ${records.map(({ reason, outcome }) => reason ?? outcome).join(', ')}`);
    for (const { hypothesis, verdict } of committed)
      console.log(`  ${hypothesis?.title ?? ''}: ratio ${verdict?.reported.ratio.toFixed(3) ?? '?'}`);
  }
}
console.log(
  `a commit reached: model ${reached.model} of ${seeds} seeds, random ${reached.random} of ${seeds} (${iterations} iterations each)`,
);
console.log(`commits in all: model ${commits.model}, random ${commits.random}`);

async function propose(proposer: keyof typeof proposers, seed: number): Promise<IterationRecord[]> {
  const flags = ['--seed', String(seed), '--iterations', String(iterations), '--id', 'bench', ...proposers[proposer]];
  return withRepository(
    (repository) => cpSync(join(root, 'examples/bundled'), repository, { recursive: true }),
    (repository, scratch) => runLoop(repository, scratch, flags),
  );
}
