/**
 * Live: loops of hypotheses without any gain (statements without effect, reordered lines) on real benchmarks. None may be committed.
 * Usage: npx tsx bench/live/no-ops.ts [loops] [iterations]; 6 loops of 50 take about an hour on two cores.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { root, runLoop, withRepository } from '../run-loop.ts';

const [loops = 6, iterations = 50] = process.argv.slice(2).map(Number);

/** Odd loops: the bundled example. Even loops: fast-levenshtein 2.0.6 from npm. */
const targets = [
  {
    name: 'rushhour',
    fill: (repository: string) => {
      cpSync(join(root, 'examples/bundled'), repository, { recursive: true });
      return Promise.resolve();
    },
    plan: {
      'src/counter.mjs': { swap: [] },
      'src/rushhour.mjs': {
        swap: [["  const decoder = new StringDecoder('utf8');", "  let rest = '';"]],
      },
      'src/sort.mjs': {
        swap: [['const item = items[index];', 'let place = index;']],
      },
    },
  },
  {
    name: 'fast-levenshtein',
    fill: async (repository: string) => {
      await execa(process.execPath, [join(root, 'examples/fast-levenshtein/fetch.mjs'), repository]);
    },
    plan: {
      'levenshtein.js': {
        swap: [
          ['prevRow[i] = i;', 'str2Char[i] = str2.charCodeAt(i);'],
          ['if (str1Len === 0) return str2Len;', 'if (str2Len === 0) return str1Len;'],
        ],
      },
    },
  },
];

const all: IterationRecord[] = [];
for (let loop = 1; loop <= loops; loop++) {
  const target = targets[(loop - 1) % targets.length]!;
  const records = await runNoOps(target);
  all.push(...records);
  console.log(`loop ${loop} on ${target.name}: ${summary(records)}`);
}
console.log(`in all: ${summary(all)}`);
process.exitCode = all.some(({ outcome }) => outcome === 'committed') ? 1 : 0;

async function runNoOps({ fill, plan }: (typeof targets)[number]): Promise<IterationRecord[]> {
  const source = JSON.stringify([process.execPath, join(root, 'bench/live/propose-no-op.mjs'), JSON.stringify(plan)]);
  const flags = [
    '--iterations',
    String(iterations),
    '--id',
    'no-ops',
    '--command-source',
    `no-ops=${source}`,
    '--command',
    'no-ops',
  ];
  return withRepository(fill, (repository, scratch) => runLoop(repository, scratch, flags));
}

function summary(records: readonly IterationRecord[]): string {
  const counts = new Map<string, number>();
  for (const { reason, outcome } of records) counts.set(reason ?? outcome, (counts.get(reason ?? outcome) ?? 0) + 1);
  const judged = records.flatMap(({ verdict }) => (verdict ? [verdict.pairs] : []));
  const pairs = judged.reduce((sum, count) => sum + count, 0);
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return `${records.length} iterations (${reasons}); ${judged.length} decisions, ${pairs} pairs (${((2 * pairs) / Math.max(1, judged.length)).toFixed(1)} runs each)`;
}
