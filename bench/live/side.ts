/**
 * Live: loops whose candidates leave a noisy side metric (bound 5 %) unchanged while an exact benchmark gets 10 % better.
 * Counts what passes, by the noise of a pair, and asks `doctor` of the same benchmark.
 * Usage: npx tsx bench/live/side.ts [decisions, 20] [noise in percent…]; about ten minutes on two cores.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Evidence } from '../../domain/ledger/record.ts';
import type { Diagnosis } from '../../domain/verdict/diagnosis.ts';
import { root, runLoop, withRepository } from '../run-loop.ts';

const [decisions = 20, ...percents] = process.argv.slice(2).map(Number);

for (const percent of percents.length > 0 ? percents : [2, 5, 10, 20])
  await withRepository(
    (repository) => fill(repository, percent / 100),
    async (repository, scratch) => {
      console.log(`noise ${percent} %: ${await doctor(repository, scratch)}`);
      console.log(`noise ${percent} %: ${await passed(repository, scratch)}`);
    },
  );

/** Each run's number is log-normal, so that the log ratio of a pair has a standard deviation of `spread`. */
function fill(repository: string, spread: number): void {
  const config = {
    editable: ['src/**'],
    test: 'node test.mjs',
    benchmark: { command: 'node bench.mjs', metric: { pattern: '^COST (\\d+)$' }, unit: 'steps', noise: 'exact' },
    sideMetrics: [{ name: 'heap', command: 'node noise.mjs', metric: { pattern: '^HEAP ([0-9.]+)$' } }],
  };
  const gauss = 'Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())';
  mkdirSync(join(repository, 'src'), { recursive: true });
  const files = {
    'src/cost.mjs': 'export const cost = 1000000000;\n',
    'bench.mjs': "import { cost } from './src/cost.mjs';\nconsole.log(`COST ${cost}`);\n",
    'test.mjs': "import { cost } from './src/cost.mjs';\nif (!(cost > 0)) throw new Error('no cost');\n",
    'noise.mjs': `console.log('HEAP ' + (100 * Math.exp(${spread / Math.SQRT2} * ${gauss})).toFixed(6));\n`,
    'loop.json': JSON.stringify(config),
  };
  for (const [path, content] of Object.entries(files)) writeFileSync(join(repository, path), content);
}

async function passed(repository: string, scratch: string): Promise<string> {
  const propose = `
    const { metric, iteration } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    const content = 'export const cost = ' + (Math.floor(metric * 0.9) - iteration) + ';\\n';
    console.log(JSON.stringify({ title: 'Cost less (' + iteration + ')', edits: [{ file: 'src/cost.mjs', content }] }));`;
  const source = JSON.stringify([process.execPath, '-e', propose]);
  const own = ['--iterations', String(decisions), '--id', 'side'];
  const records = await runLoop(repository, scratch, [
    ...own,
    '--command-source',
    `cost=${source}`,
    '--command',
    'cost',
  ]);
  const counts = new Map<string, number>();
  let pairs = 0;
  for (const { iteration, outcome, reason, detail } of records) {
    counts.set(reason ?? outcome, (counts.get(reason ?? outcome) ?? 0) + 1);
    if (reason !== null) console.log(`  ${iteration}: ${detail}`);
    const path = `records/${Math.floor(iteration / 100)}/${iteration}.evidence.json`;
    const { stdout } = await execa('git', ['show', `refs/karpathy-loop/side/ledger:${path}`], { cwd: repository });
    pairs += (JSON.parse(stdout) as Evidence).side[0]?.pairs.length ?? 0;
  }
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return `${records.length} candidates that leave it unchanged: ${reasons}; ${(pairs / records.length).toFixed(1)} pairs each`;
}

async function doctor(repository: string, scratch: string): Promise<string> {
  const words = ['doctor', repository, '--json', '--data', join(scratch, 'doctor')];
  const { stdout } = await execa(process.execPath, [join(root, 'client/karpathy-loop.mjs'), ...words], {
    reject: false,
  });
  const { benchmark } = JSON.parse(stdout) as { benchmark: Pick<Diagnosis, 'side'> };
  return `doctor says ${JSON.stringify(benchmark.side[0])}`;
}
