/**
 * Live: ten independent edits, each first measured against its own champion by 100 coin-ordered pairs without the loop (the reference),
 * then given to a loop of one iteration. Usage: npx tsx bench/live/gains.ts; about 15 minutes on two cores.
 */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { runLoop, root, withRepository } from '../run-loop.ts';

const kata = join(root, 'bench/live/kata');
const referencePairs = 100;
const names = readdirSync(join(kata, 'slow')).map((file) => file.replace('.mjs', ''));

let [real, committed] = [0, 0];
for (const name of names) {
  const reference = await measureReference(name);
  const record = await runOne(name);
  const isReal = reference <= 0.9;
  if (isReal) real += 1;
  if (isReal && record.outcome === 'committed') committed += 1;
  const { verdict } = record;
  console.log(
    `${name}: reference ratio ${reference.toFixed(3)} over ${referencePairs} pairs${isReal ? '' : ' (NOT at least 10 % faster)'}; loop: ${record.reason ?? record.outcome}, ratio ${(verdict?.reported.ratio ?? NaN).toFixed(3)}, ${verdict?.pairs ?? 0} pairs`,
  );
}
console.log(`${committed} of ${real} edits that are at least 10 % faster by the reference were committed`);
process.exitCode = real >= 10 && committed >= real - 1 ? 0 : 1;

/** Median ratio fast/slow, each run a process of its own, the order of each pair by a coin. */
async function measureReference(name: string): Promise<number> {
  const scratch = mkdtempSync('/var/tmp/karpathy-loop-reference-');
  try {
    for (const side of ['slow', 'fast'] as const) fill(join(scratch, side), name, side);
    const ratios: number[] = [];
    for (let pair = 0; pair < referencePairs; pair++) {
      const order = Math.random() < 0.5 ? (['slow', 'fast'] as const) : (['fast', 'slow'] as const);
      const ms = { slow: 0, fast: 0 };
      for (const side of order) {
        const { stdout } = await execa(process.execPath, ['bench.mjs', name], {
          cwd: join(scratch, side),
          env: { BENCH_SEED: String(pair) },
        });
        ms[side] = Number(/^METRIC ms=([0-9.]+)$/m.exec(stdout)![1]);
      }
      ratios.push(ms.fast / ms.slow);
    }
    return ratios.sort((a, b) => a - b)[ratios.length >> 1]!;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function runOne(name: string) {
  const hypothesis = {
    title: `Make ${name} faster`,
    edits: [{ file: `src/${name}.mjs`, content: readFileSync(join(kata, 'fast', `${name}.mjs`), 'utf8') }],
  };
  const print = `console.log(${JSON.stringify(JSON.stringify(hypothesis))})`;
  const source = JSON.stringify([process.execPath, '-e', print]);
  const flags = ['--iterations', '1', '--id', name, '--command-source', `gain=${source}`, '--command', 'gain'];
  const [record] = await withRepository(
    (repository) => fill(repository, name, 'slow'),
    (repository, scratch) => runLoop(repository, scratch, flags),
  );
  return record!;
}

/** The kata with all functions slow but for, on the side "fast", the named one. */
function fill(directory: string, name: string, side: 'slow' | 'fast'): void {
  cpSync(join(kata, 'slow'), join(directory, 'src'), { recursive: true });
  cpSync(join(kata, side, `${name}.mjs`), join(directory, 'src', `${name}.mjs`));
  for (const file of ['bench.mjs', 'test.mjs']) cpSync(join(kata, file), join(directory, file));
  const config = {
    editable: ['src/**'],
    test: 'node --test test.mjs',
    benchmark: {
      command: `node bench.mjs ${name}`,
      metric: { pattern: '^METRIC ms=([0-9.]+)$' },
      output: { pattern: '^CHECK ([0-9a-f]+)$' },
      unit: 'ms',
    },
    // As in a loop of 50, whose share of the false commits this one iteration gets.
    falseCommitRate: 0.0005,
  };
  writeFileSync(join(directory, 'loop.json'), JSON.stringify(config));
}
