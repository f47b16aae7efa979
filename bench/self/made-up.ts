import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { toBlock, toLine } from '../../domain/text.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

/** Real sources that no candidate can change, under names of sources: this repository's tests. */
export function realSources(): { path: string; content: string }[] {
  return readdirSync(join(root, 'test/domain'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => ({
      path: `src/${name.replace('.test', '')}`,
      content: readFileSync(join(root, 'test/domain', name), 'utf8'),
    }));
}

const words = 'sort merge index buffer cache parse token field table group split window block unroll lookup'.split(' ');
const reasons = ['slower', 'below-bar', 'tests-failed', 'duplicate', 'edit-refused'] as const;

/** Records of a loop that has run for a while. @param files that its hypotheses were about */
export function madeUpRecords(random: () => number, count: number, files: readonly string[]): IterationRecord[] {
  const sha = () => Array.from({ length: 40 }, () => Math.floor(random() * 16).toString(16)).join('');
  const text = (length: number) => Array.from({ length }, () => pick(random, words)).join(' ');
  let champion = sha();
  return Array.from({ length: count }, (_, index): IterationRecord => {
    const before = champion;
    const reason = random() < 0.1 ? null : pick(random, reasons);
    const commit = reason === null ? sha() : null;
    if (commit) champion = commit;
    const file = pick(random, files);
    return {
      ...{ version: 1, loopId: 'made-up', iteration: index + 1, reason, champion: before, verdict: null },
      ...{ outcome: reason === null ? 'committed' : reason === 'edit-refused' ? 'failed' : 'rolledBack' },
      ...{ detail: toBlock(`${text(40)}\n${text(60)}`), startedAt: '2024-05-01T13:00:00.000Z' },
      candidate: { tree: sha(), commit },
      hypothesis: {
        title: toLine(`Use ${text(6)}`),
        rationale: toBlock(text(80)),
        files: [toLine(file)],
        target: toLine(`${file}: ${pick(random, words)}`),
      },
      ...{ model: toLine('command made-up'), attempts: 1, tokens: 900, seconds: 12, sandbox: 'bubblewrap' },
    };
  });
}
