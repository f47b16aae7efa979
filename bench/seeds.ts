/**
 * In how many seeds, and how soon, does a loop on the bundled example reach a commit: the embedded model and "tune" beside a uniformly
 * random choice within the same bounds. Needs `node scripts/setup.mjs`; takes about half an hour.
 * Usage: npx tsx bench/seeds.ts [seeds] [iterations] [proposers, such as "random,tune"] [samples; left out: as the loop chooses]
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IterationRecord } from '../domain/ledger/record.ts';
import { root, runLoop, withRepository } from './run-loop.ts';

const [seedsText = '10', iterationsText = '8', chosen = 'model,random,tune', samples] = process.argv.slice(2);
const [seeds, iterations] = [Number(seedsText), Number(iterationsText)];
const proposers = {
  model: ['--source', 'embedded'],
  random: [
    '--command-source',
    `random=${process.execPath} ${join(root, 'bench/propose-randomly.mjs')}`,
    '--command',
    'random',
  ],
  tune: ['--source', 'tune'],
};
type Proposer = keyof typeof proposers;
const wanted = chosen.split(',') as Proposer[];

interface Result {
  reached: number;
  commits: number;
  /** Iterations until the first commit, and working time until its end, of the loops that reached one. */
  first: { iterations: number; seconds: number }[];
}

const results = Object.fromEntries(
  wanted.map((proposer): [string, Result] => [proposer, { reached: 0, commits: 0, first: [] }]),
);
for (let seed = 1; seed <= seeds; seed++) {
  for (const proposer of wanted) {
    const result = results[proposer]!;
    const records = await propose(proposer, seed);
    const committed = records.filter(({ outcome }) => outcome === 'committed');
    result.commits += committed.length;
    const [first] = committed;
    if (first) {
      result.reached += 1;
      const until = records.slice(0, first.iteration);
      const seconds = Math.round(until.reduce((sum, one) => sum + (one.seconds ?? 0), 0));
      result.first.push({ iterations: first.iteration, seconds });
    }
    console.log(`seed ${seed} ${proposer}: ${records.map(({ reason, outcome }) => reason ?? outcome).join(', ')}`);
    for (const { hypothesis, verdict } of committed)
      console.log(`  ${hypothesis?.title ?? ''}: ratio ${verdict?.reported.ratio.toFixed(3) ?? '?'}`);
  }
}
for (const [proposer, { reached, commits, first }] of Object.entries(results)) {
  const times = first.map((one) => `${one.iterations} (${one.seconds} s)`).join(', ');
  console.log(
    `${proposer}: a commit in ${reached} of ${seeds} seeds, ${commits} in all (${iterations} iterations each); first at ${times}`,
  );
}

async function propose(proposer: Proposer, seed: number): Promise<IterationRecord[]> {
  const flags = ['--seed', String(seed), '--iterations', String(iterations), '--id', 'bench', ...proposers[proposer]];
  return withRepository(
    (repository) => {
      cpSync(join(root, 'examples/bundled'), repository, { recursive: true });
      if (!samples) return;
      const file = join(repository, 'loop.json');
      const config = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...config, hypothesis: { samples: Number(samples) } }));
    },
    (repository, scratch) => runLoop(repository, scratch, flags),
  );
}
