/**
 * In how many seeds does a loop on the bundled example reach a commit: the embedded model beside a uniformly random choice
 * within the same bounds. Needs `node scripts/setup.mjs`; takes about half an hour. Usage: npx tsx bench/seeds.ts [seeds] [iterations]
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { IterationRecord } from '../domain/record.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const [seeds = 10, iterations = 8] = process.argv.slice(2).map(Number);
const proposers = {
  model: ['--source', 'embedded'],
  random: ['--command-source', `random=${process.execPath} ${join(root, 'bench/propose-randomly.mjs')}`, '--command', 'random'],
};

const reached = { model: 0, random: 0 };
const commits = { model: 0, random: 0 };
for (let seed = 1; seed <= seeds; seed++) {
  for (const proposer of ['model', 'random'] as const) {
    const records = await runLoop(proposer, seed);
    const committed = records.filter(({ outcome }) => outcome === 'committed');
    commits[proposer] += committed.length;
    if (committed.length > 0) reached[proposer] += 1;
    console.log(`seed ${seed} ${proposer}: ${records.map(({ reason, outcome }) => reason ?? outcome).join(', ')}`);
    for (const { hypothesis, verdict } of committed) console.log(`  ${hypothesis?.title ?? ''}: ratio ${verdict?.reportedRatio?.toFixed(3) ?? '?'}`);
  }
}
console.log(`a commit reached: model ${reached.model} of ${seeds} seeds, random ${reached.random} of ${seeds} (${iterations} iterations each)`);
console.log(`commits in all: model ${commits.model}, random ${commits.random}`);

async function runLoop(proposer: keyof typeof proposers, seed: number): Promise<IterationRecord[]> {
  const directory = mkdtempSync('/var/tmp/karpathy-loop-seeds-');
  try {
    const repository = join(directory, 'example');
    cpSync(join(root, 'examples/bundled'), repository, { recursive: true });
    const git = (...args: string[]) => execa('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], { cwd: repository });
    await git('init', '-q');
    await git('add', '-A');
    await git('commit', '-qm', 'Begin');
    const flags = ['--seed', String(seed), '--iterations', String(iterations), '--data', join(directory, 'data'), '--id', 'bench', ...proposers[proposer]];
    const { stdout } = await execa(process.execPath, [join(root, 'client/karpathy-loop.mjs'), 'run', repository, '--json', ...flags]);
    return (JSON.parse(stdout) as { records: IterationRecord[] }).records;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
