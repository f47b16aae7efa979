import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openClone } from '../../adapters/git/clone.ts';
import { git, type Clone } from '../../adapters/git/command.ts';
import {
  ledgerCommit,
  readHeadToHead,
  readLedger,
  readLedgerPlan,
  readRecord,
  readWholeRecord,
  type LedgerEntry,
} from '../../ledger/ledger.ts';
import { listFiles, readFile } from '../../adapters/git/trees.ts';
import { toAsked } from '../../domain/ledger/asked.ts';
import { defaultPolicy } from '../../domain/verdict/decision.ts';
import type { HeadToHeadRecord } from '../../domain/verdict/head-to-head.ts';
import type { Plan } from '../../domain/config/plan.ts';
import type { Hotspot } from '../../domain/steps.ts';
import { readBeside } from '../../ledger/beside.ts';
import type { Evidence, IterationRecord } from '../../domain/ledger/record.ts';
import { runGit } from '../support/repository/repository.ts';
import { useClone } from '../support/repository/repository-clone.ts';

const loopId = 'demo';
const plan = { version: 1, loopId, branch: 'größer', alpha: 0.001 } as unknown as Plan;
const facts = { loopId, identity: 'Karpathy Loop <loop@localhost>', date: '2026-01-01T00:00:00Z' };
const evidence = {
  version: 1,
  seed: 1,
  unit: 'ms',
  pairs: [],
  fresh: [],
  corroboration: null,
  unseeded: null,
  side: [],
  failure: null,
  policy: defaultPolicy,
} satisfies Evidence;

const made = useClone();

function record(iteration: number, detail = ''): IterationRecord {
  return {
    version: 1,
    loopId,
    iteration,
    outcome: 'rolledBack',
    reason: 'slower',
    model: 'm',
    detail,
  } as IterationRecord;
}

/** Appends to the clone's own ref, as `publish` leaves it. */
async function append(entry: Partial<LedgerEntry>): Promise<string> {
  const { head } = await readLedger(made.clone, loopId);
  const next = await ledgerCommit(made.clone, head, { ...facts, ...entry });
  await runGit(made.clone.directory, 'update-ref', `refs/karpathy-loop/${loopId}/ledger`, next);
  return next;
}

it('A loop without a ledger has none, and none begins without a plan.', async () => {
  expect(await readLedger(made.clone, loopId)).toEqual({ head: null, plan: null, records: [], headToHead: null });
  await expect(ledgerCommit(made.clone, null, { ...facts, record: record(1) })).rejects.toThrow(/give the plan/);
});

it('A ledger gives back what went in: plan, records in their order, diff and evidence beside them.', async () => {
  const head = await append({ plan });
  expect(await readLedger(made.clone, loopId)).toEqual({ head, plan, records: [], headToHead: null });
  const diff = '--- a\n+++ b\n-ä\r\n+ö\n\\ No newline at end of file\n';
  await append({ record: record(1, 'line\nline “x”'), diff, evidence });
  await append({ record: record(2), diff: '', evidence: null });
  const ledger = await readLedger(made.clone, loopId);
  expect(ledger.plan).toEqual(plan);
  expect(ledger.records).toEqual([record(1, 'line\nline “x”'), record(2)]);
  const beside = async (name: string) => (await readFile(made.clone, ledger.head!, `records/0/${name}`))?.toString();
  expect(await beside('1.diff')).toBe(diff);
  expect(JSON.parse((await beside('1.evidence.json'))!)).toEqual(evidence);
  expect((await listFiles(made.clone, ledger.head!)).map(({ path }) => path)).toEqual([
    'loop.json',
    'records/0/1.diff',
    'records/0/1.evidence.json',
    'records/0/1.json',
    'records/0/2.json',
  ]);
});

it('All of one iteration is read together, and what it has not is null.', async () => {
  await append({ plan });
  const question = { attempt: 0, sample: 0, isAgain: false, system: null, prompt: 'p', answer: 'a', problem: null };
  const asked = toAsked([{ ...question, tokens: 3 }]);
  await append({ record: record(1), diff: 'd\n', evidence, asked });
  const head = await append({ record: record(2), diff: '', evidence: null, asked: null });
  expect(await readWholeRecord(made.clone, head, 1)).toEqual({ record: record(1), diff: 'd\n', evidence, asked });
  expect(await readWholeRecord(made.clone, head, 2)).toEqual({
    ...{ record: record(2), diff: null, evidence: null, asked: null },
  });
  expect(await readWholeRecord(made.clone, head, 3)).toBeNull();
});

it('What lies beside records comes back by iteration, and hotspots once for each champion; what is none is left out.', async () => {
  const [champion, next] = ['a'.repeat(40), 'b'.repeat(40)];
  const spot = { file: 'src/a.mjs', name: 'f', line: 3, share: 0.5 };
  const of = (iteration: number, sha: string) => ({ ...record(iteration), champion: sha });
  await append({ plan });
  await append({ record: of(1, champion), diff: 'one', evidence, hotspots: [spot] });
  await append({ record: of(2, champion), diff: 'two', hotspots: [{ ...spot, share: 0.9 }] });
  const wild = [{ file: 7 }, null, { file: 'a\nb', name: '\u202ef', share: 7 }] as unknown as Hotspot[];
  const broken = { ...evidence, pairs: [{ pair: ['x', 1] }] } as unknown as Evidence;
  const head = await append({ record: of(3, next), evidence: broken, hotspots: wild });
  const beside = await readBeside(made.clone, head);
  expect([...beside.diffs]).toEqual([
    [1, 'one'],
    [2, 'two'],
  ]);
  expect([...beside.evidence]).toEqual([[1, evidence]]);
  expect([...beside.hotspots]).toEqual([
    [champion, [spot]],
    [next, [{ file: 'a b', name: 'f', line: null, share: null }]],
  ]);
});

it('The first record of an iteration wins, and so does the first plan that tells its effort.', async () => {
  await append({ plan });
  const whole: Plan = { ...plan, effort: { samples: 2, patience: 0.1 } };
  await append({ plan: whole });
  const head = await append({ record: record(1, 'first') });
  expect(await append({ record: record(1, 'second'), diff: 'x', evidence })).toBe(head);
  expect(await append({ plan: { ...whole, alpha: 0.5 } })).toBe(head);
  const ledger = await readLedger(made.clone, loopId);
  expect(ledger.plan).toEqual(whole);
  expect(ledger.records).toEqual([record(1, 'first')]);
});

it('The latest measurement of base against champion takes the place of the one before; the same one again makes no commit.', async () => {
  const measured = (champion: string) =>
    ({ version: 1, result: { champion }, seed: 1, samples: [] }) as unknown as HeadToHeadRecord;
  await append({ plan });
  const first = await append({ headToHead: measured('a') });
  expect((await readLedger(made.clone, loopId)).headToHead).toEqual(measured('a'));
  await append({ record: record(1) });
  expect(await readLedger(made.clone, loopId)).toMatchObject({ headToHead: measured('a'), records: [record(1)] });
  const second = await append({ headToHead: measured('b'), date: '2026-01-02T00:00:00Z' });
  expect(second).not.toBe(first);
  expect(await append({ headToHead: measured('b'), date: '2026-01-03T00:00:00Z' })).toBe(second);
  expect(await readHeadToHead(made.clone, loopId)).toEqual(measured('b'));
  expect(await git(made.clone, ['log', '-1', '--format=%s', second])).toBe('Base against champion\n');
});

it('The same entries make the same commits, each the child of the one before.', async () => {
  const chain = async (place: Clone) => {
    const begun = await ledgerCommit(place, null, { ...facts, plan });
    return [begun, await ledgerCommit(place, begun, { ...facts, record: record(1), diff: 'd', evidence })];
  };
  const [begun, next] = await chain(made.clone);
  expect(await chain(made.clone)).toEqual([begun, next]);
  expect(await chain(await openClone(join(made.data, 'elsewhere'), made.target.path))).toEqual([begun, next]);
  expect((await git(made.clone, ['rev-list', '--format=%s', next!])).trim().split('\n')).toEqual([
    `commit ${next}`,
    'Iteration 1: slower',
    `commit ${begun}`,
    'Begin the ledger',
  ]);
});

it('150 records lie in two shards; the last one and any one are found without reading the others.', async () => {
  let head = await ledgerCommit(made.clone, null, { ...facts, plan });
  for (let iteration = 1; iteration <= 150; iteration++)
    head = await ledgerCommit(made.clone, head, { ...facts, record: record(iteration) });
  await runGit(made.clone.directory, 'update-ref', `refs/karpathy-loop/${loopId}/ledger`, head);
  const { records } = await readLedger(made.clone, loopId);
  expect(records.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
  const names = await runGit(made.clone.directory, 'ls-tree', '--name-only', `${head}:records`);
  expect(names.split('\n')).toEqual(['0', '1']);
  expect(await readLedgerPlan(made.clone, loopId)).toEqual(plan);
  expect(await readHeadToHead(made.clone, loopId)).toBeNull();
  // With the other records' content gone this one still answers. In a copy, since what was read once is remembered.
  const damaged = { directory: join(made.data, 'damaged.git') };
  await cp(made.clone.directory, damaged.directory, { recursive: true });
  const other = await runGit(damaged.directory, 'rev-parse', `${head}:records/0/50.json`);
  await rm(join(damaged.directory, 'objects', other.slice(0, 2), other.slice(2)));
  expect(await readRecord(damaged, head, 99)).toEqual(record(99));
  expect(await readRecord(damaged, head, 151)).toBeNull();
  await expect(readLedger(damaged, loopId)).rejects.toThrow();
  expect((await readdir(made.clone.directory)).filter((name) => name.startsWith('index'))).toEqual([]);
});
