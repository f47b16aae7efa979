import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openClone } from '../../adapters/git/clone.ts';
import { git, type Clone } from '../../adapters/git/command.ts';
import { lastRecord, ledgerCommit, readAttachments, readLedger, readRecord, type LedgerEntry } from '../../adapters/git/ledger.ts';
import { listFiles } from '../../adapters/git/trees.ts';
import type { Plan } from '../../domain/plan.ts';
import type { Evidence, IterationRecord } from '../../domain/record.ts';
import { createRepository, runGit, type TestRepository } from '../support/repository.ts';

const loopId = 'demo';
const plan = { version: 1, loopId, branch: 'größer', a0: 0.001 } as unknown as Plan;
const facts = { loopId, identity: 'Karpathy Loop <loop@localhost>', date: '2026-01-01T00:00:00Z' };
const evidence = { version: 1, seed: 1, unit: 'ms', pairs: [], fresh: [] } satisfies Evidence;

let target: TestRepository;
let data: string;
let clone: Clone;

beforeEach(async () => {
  target = await createRepository({ 'a.txt': 'a' });
  data = await mkdtemp(join(tmpdir(), 'data-'));
  clone = await openClone(data, target.path);
});

afterEach(async () => {
  await target.remove();
  await rm(data, { recursive: true, force: true });
});

function record(iteration: number, detail = ''): IterationRecord {
  return { version: 1, loopId, iteration, outcome: 'rolledBack', reason: 'slower', detail } as IterationRecord;
}

/** Appends to the clone's own ref, as `publish` leaves it. */
async function append(entry: Partial<LedgerEntry>): Promise<string> {
  const { head } = await readLedger(clone, loopId);
  const next = await ledgerCommit(clone, head, { ...facts, ...entry });
  await runGit(clone.directory, 'update-ref', `refs/karpathy-loop/${loopId}/ledger`, next);
  return next;
}

it('A loop without a ledger has none, and none begins without a plan.', async () => {
  expect(await readLedger(clone, loopId)).toEqual({ head: null, plan: null, records: [] });
  expect(await readRecord(clone, loopId, 1)).toBeNull();
  expect(await lastRecord(clone, loopId)).toBeNull();
  expect(await readAttachments(clone, loopId, 1)).toEqual({ diff: null, evidence: null });
  await expect(ledgerCommit(clone, null, { ...facts, record: record(1) })).rejects.toThrow(/give the plan/);
});

it('A ledger gives back what went in: plan, records in their order, diff and evidence beside them.', async () => {
  const head = await append({ plan });
  expect(await readLedger(clone, loopId)).toEqual({ head, plan, records: [] });
  expect(await lastRecord(clone, loopId)).toBeNull();
  const diff = '--- a\n+++ b\n-ä\r\n+ö\n\\ No newline at end of file\n';
  await append({ record: record(1, 'line\nline “x”'), diff, evidence });
  await append({ record: record(2), diff: '', evidence: null });
  const ledger = await readLedger(clone, loopId);
  expect(ledger.plan).toEqual(plan);
  expect(ledger.records).toEqual([record(1, 'line\nline “x”'), record(2)]);
  expect(await readAttachments(clone, loopId, 1)).toEqual({ diff, evidence });
  expect(await readAttachments(clone, loopId, 2)).toEqual({ diff: null, evidence: null });
  expect((await listFiles(clone, ledger.head!)).map(({ path }) => path)).toEqual([
    'loop.json',
    'records/0/1.diff',
    'records/0/1.evidence.json',
    'records/0/1.json',
    'records/0/2.json',
  ]);
});

it('The first record of an iteration wins, and the plan of the beginning stays.', async () => {
  await append({ plan });
  const head = await append({ record: record(1, 'first') });
  expect(await append({ record: record(1, 'second'), diff: 'x', evidence })).toBe(head);
  expect(await append({ plan: { ...plan, a0: 0.5 } })).toBe(head);
  const ledger = await readLedger(clone, loopId);
  expect(ledger.plan).toEqual(plan);
  expect(ledger.records).toEqual([record(1, 'first')]);
});

it('The same entries make the same commits, each the child of the one before.', async () => {
  const chain = async (place: Clone) => {
    const begun = await ledgerCommit(place, null, { ...facts, plan });
    return [begun, await ledgerCommit(place, begun, { ...facts, record: record(1), diff: 'd', evidence })];
  };
  const [begun, next] = await chain(clone);
  expect(await chain(clone)).toEqual([begun, next]);
  expect(await chain(await openClone(join(data, 'elsewhere'), target.path))).toEqual([begun, next]);
  expect((await git(clone, ['rev-list', '--format=%s', next!])).trim().split('\n')).toEqual([
    `commit ${next}`,
    'Iteration 1: slower',
    `commit ${begun}`,
    'Begin the ledger',
  ]);
});

it('150 records lie in two shards; the last one and any one are found without reading the others.', async () => {
  let head = await ledgerCommit(clone, null, { ...facts, plan });
  for (let iteration = 1; iteration <= 150; iteration++) head = await ledgerCommit(clone, head, { ...facts, record: record(iteration) });
  await runGit(clone.directory, 'update-ref', `refs/karpathy-loop/${loopId}/ledger`, head);
  const { records } = await readLedger(clone, loopId);
  expect(records.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
  const names = await runGit(clone.directory, 'ls-tree', '--name-only', `${head}:records`);
  expect(names.split('\n')).toEqual(['0', '1']);
  expect((await readLedger(clone, loopId, { recordsFrom: 149 })).records.map(({ iteration }) => iteration)).toEqual([149, 150]);
  expect(await readLedger(clone, loopId, { recordsFrom: Infinity })).toEqual({ head, plan, records: [] });
  // With the other records' content gone these two still answer.
  const other = await runGit(clone.directory, 'rev-parse', `${head}:records/0/50.json`);
  await rm(join(clone.directory, 'objects', other.slice(0, 2), other.slice(2)));
  expect(await lastRecord(clone, loopId)).toEqual(record(150));
  expect(await readRecord(clone, loopId, 99)).toEqual(record(99));
  expect(await readRecord(clone, loopId, 151)).toBeNull();
  await expect(readLedger(clone, loopId)).rejects.toThrow();
  expect((await readdir(clone.directory)).filter((name) => name.startsWith('index'))).toEqual([]);
}, 120_000);
