import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { git } from '../../adapters/git/command.ts';
import { readHistory } from '../../ledger/history.ts';
import { importCommit } from '../../adapters/git/import-commit.ts';
import { ledgerCommit, ledgerHead, readLedger } from '../../ledger/ledger.ts';
import { pack } from '../../adapters/git/packing.ts';
import { commitTree, treeOf } from '../../adapters/git/trees.ts';
import type { Plan } from '../../domain/config/plan.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { runGit } from '../support/repository/repository.ts';
import { useClone } from '../support/repository/repository-clone.ts';

const loopId = 'demo';
const ref = `refs/karpathy-loop/${loopId}/ledger`;
const plan = { version: 1, loopId, branch: 'b', alpha: 0.001 } as unknown as Plan;
const facts = { loopId, identity: 'Karpathy Loop <loop@localhost>', date: '2026-01-01T00:00:00Z' };

const made = useClone();

async function append(iteration: number, title: string, head?: string | null): Promise<void> {
  const from = head === undefined ? await ledgerHead(made.clone, loopId) : head;
  const hypothesis = { title, rationale: 'long', files: ['a.txt'] };
  const candidate = { tree: 'f'.repeat(40), commit: null };
  const record = {
    version: 1,
    loopId,
    iteration,
    outcome: 'rolledBack',
    reason: 'slower',
    detail: 'long',
    champion: 'c',
    candidate,
    hypothesis,
    verdict: null,
    model: 'm',
  };
  const next = await ledgerCommit(made.clone, from, {
    ...facts,
    plan,
    record: record as unknown as IterationRecord,
    diff: `diff of ${iteration}`,
  });
  await runGit(made.clone.directory, 'update-ref', ref, next);
}

async function titles(): Promise<[number, string | undefined][]> {
  return (await readHistory(made.clone, loopId)).map(({ iteration, hypothesis }) => [iteration, hypothesis?.title]);
}

it('A history has what was appended since it was read, in the order of iterations and without long texts.', async () => {
  expect(await titles()).toEqual([]);
  await append(1, 'one');
  expect(await titles()).toEqual([[1, 'one']]);
  for (const iteration of [150, 2, 99]) await append(iteration, `number ${iteration}`);
  expect(await titles()).toEqual([
    [1, 'one'],
    [2, 'number 2'],
    [99, 'number 99'],
    [150, 'number 150'],
  ]);
  expect(await titles()).toHaveLength(4);
  const [first] = await readHistory(made.clone, loopId);
  expect(first).toEqual({
    iteration: 1,
    outcome: 'rolledBack',
    reason: 'slower',
    champion: 'c',
    candidate: { tree: 'f'.repeat(40), commit: null },
    verdict: null,
    hypothesis: { title: 'one', rationale: '', files: ['a.txt'] },
  });
});

it('A ledger that was begun anew under the same id has its own history.', async () => {
  await append(1, 'old');
  await append(2, 'old');
  expect(await titles()).toHaveLength(2);
  await append(1, 'new', null);
  expect(await titles()).toEqual([[1, 'new']]);
  await git(made.clone, ['update-ref', '-d', ref]);
  expect(await titles()).toEqual([]);
});

it('Packing a clone leaves every record where it was, and almost nothing loose.', async () => {
  for (let iteration = 1; iteration <= 5; iteration++) await append(iteration, `number ${iteration}`);
  const before = await readLedger(made.clone, loopId);
  const loose = async () => Number(/^count: (\d+)/m.exec(await git(made.clone, ['count-objects', '-v']))?.[1]);
  expect(await loose()).toBeGreaterThan(20);
  await pack(made.clone);
  expect(await loose()).toBe(0);
  expect(await readdir(join(made.clone.directory, 'objects', 'pack'))).not.toEqual([]);
  expect(await readLedger(made.clone, loopId)).toEqual(before);
  await append(6, 'number 6');
  expect(await titles()).toHaveLength(6);
});

it('A commit made in one go is the same as one made step by step, and leaves no ref.', async () => {
  const message = 'Subject\n\nWith ümlauts.\n';
  const first = await importCommit(made.clone, {
    parent: null,
    files: [{ path: 'a/b.txt', content: 'größer\n' }],
    message,
    ...facts,
  });
  const files = [
    { path: 'a/c.txt', content: '' },
    { path: 'd.txt', content: 'no newline' },
  ];
  const second = await importCommit(made.clone, { parent: first, files, message, ...facts });
  expect(
    await commitTree(made.clone, { tree: await treeOf(made.clone, second), parents: [first], message, ...facts }),
  ).toBe(second);
  expect(await git(made.clone, ['ls-tree', '-r', '--name-only', second])).toBe('a/b.txt\na/c.txt\nd.txt\n');
  expect(await git(made.clone, ['cat-file', 'blob', `${second}:a/b.txt`])).toBe('größer\n');
  expect(await git(made.clone, ['for-each-ref'])).toBe('');
  expect(await git(made.clone, ['fsck', '--strict'])).not.toMatch(/error|missing/);
});
