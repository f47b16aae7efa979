import type { Plan } from '../../domain/plan.ts';
import type { Evidence, IterationRecord } from '../../domain/record.ts';
import { git, gitBytes, gitOrNull, type Clone } from './command.ts';
import { cloneRefNames } from './refs.ts';
import { commitTree, entryAt, listFiles, putFiles, readFile } from './trees.ts';

/**
 * The ledger of a loop: a chain of commits, one per record, that only grows. Its tree:
 * loop.json (the plan), records/<n div 100>/<n>.json, and beside it <n>.diff and <n>.evidence.json.
 */
export interface Ledger {
  /** Newest commit, or null where the loop has no ledger yet. */
  head: string | null;
  plan: Plan | null;
  /** By iteration. */
  records: IterationRecord[];
}

/**
 * The ledger as the clone has it; `syncLoop` brings it up to date with the repository.
 * @param options.recordsFrom first iteration whose record is read (default 1); Infinity reads none
 */
export async function readLedger(clone: Clone, loopId: string, { recordsFrom = 1 }: { recordsFrom?: number } = {}): Promise<Ledger> {
  const head = await ledgerHead(clone, loopId);
  if (!head) return { head, plan: null, records: [] };
  const plan = await readJson<Plan>(clone, head, 'loop.json');
  if (recordsFrom === Infinity) return { head, plan, records: [] };
  const wanted = (await listFiles(clone, head)).filter(({ path }) => (iterationOf(path) ?? 0) >= recordsFrom);
  const records = (
    await readBlobs(
      clone,
      wanted.map(({ sha }) => sha),
    )
  ).map((blob) => JSON.parse(blob.toString()) as IterationRecord);
  return { head, plan, records: records.sort((a, b) => a.iteration - b.iteration) };
}

/** The record of one iteration, or null. */
export async function readRecord(clone: Clone, loopId: string, iteration: number): Promise<IterationRecord | null> {
  const head = await ledgerHead(clone, loopId);
  return head ? readJson(clone, head, pathOf(iteration, 'json')) : null;
}

/** The record with the highest number, or null. */
export async function lastRecord(clone: Clone, loopId: string): Promise<IterationRecord | null> {
  const head = await ledgerHead(clone, loopId);
  if (!head || !(await entryAt(clone, head, 'records'))) return null;
  const shard = Math.max(...(await namesIn(clone, `${head}:records`)).map(Number));
  const iterations = (await namesIn(clone, `${head}:records/${shard}`)).flatMap((name) => iterationOf(`records/${shard}/${name}`) ?? []);
  return readJson(clone, head, pathOf(Math.max(...iterations), 'json'));
}

/** The candidate's diff and the verdict's samples, which lie beside a record; null where it has none. */
export async function readAttachments(clone: Clone, loopId: string, iteration: number): Promise<{ diff: string | null; evidence: Evidence | null }> {
  const head = await ledgerHead(clone, loopId);
  if (!head) return { diff: null, evidence: null };
  const diff = await readFile(clone, head, pathOf(iteration, 'diff'));
  return { diff: diff?.toString() ?? null, evidence: await readJson<Evidence>(clone, head, pathOf(iteration, 'evidence.json')) };
}

export interface LedgerEntry {
  loopId: string;
  /** Needed to begin a ledger; later the plan that is there stays. */
  plan?: Plan;
  record?: IterationRecord;
  diff?: string;
  evidence?: Evidence | null;
  /** "Name <address>" */
  identity: string;
  /** ISO 8601 */
  date: string;
}

/**
 * Makes the commit that follows `head` and returns it; `publish` moves the ref. The same inputs give the same sha.
 * Returns `head` itself where it has a record of this iteration: the first record wins.
 */
export async function ledgerCommit(clone: Clone, head: string | null, entry: LedgerEntry): Promise<string> {
  const { loopId, plan, record, diff, evidence, identity, date } = entry;
  const files: { path: string; content: string }[] = [];
  if (!head) {
    if (!plan) throw new Error(`ledger: ${loopId} has none yet; give the plan to begin it`);
    files.push({ path: 'loop.json', content: toJson(plan) });
  }
  if (record && !(head && (await entryAt(clone, head, pathOf(record.iteration, 'json'))))) {
    files.push({ path: pathOf(record.iteration, 'json'), content: toJson(record) });
    if (diff) files.push({ path: pathOf(record.iteration, 'diff'), content: diff });
    if (evidence) files.push({ path: pathOf(record.iteration, 'evidence.json'), content: toJson(evidence) });
  }
  if (head && files.length === 0) return head;
  const tree = await putFiles(
    clone,
    head,
    files.map((file) => ({ ...file, mode: '100644' })),
  );
  const subject = record ? `Iteration ${record.iteration}: ${record.reason ?? record.outcome}` : 'Begin the ledger';
  return commitTree(clone, { tree, parents: head ? [head] : [], message: `${subject}\n\nLoop: ${loopId}\n`, identity, date });
}

/** Newest commit of a ledger as the clone has it, or null. */
export function ledgerHead(clone: Clone, loopId: string): Promise<string | null> {
  return gitOrNull(clone, ['rev-parse', '--verify', '--quiet', cloneRefNames(loopId).ledger]);
}

function pathOf(iteration: number, ending: 'json' | 'diff' | 'evidence.json'): string {
  return `records/${Math.floor(iteration / 100)}/${iteration}.${ending}`;
}

/** The iteration whose record lies at a path; null for any other path. */
function iterationOf(path: string): number | null {
  const [, iteration] = /^records\/\d+\/(\d+)\.json$/.exec(path) ?? [];
  return iteration ? Number(iteration) : null;
}

async function namesIn(clone: Clone, treeish: string): Promise<string[]> {
  return (await git(clone, ['ls-tree', '--name-only', '-z', treeish])).split('\0').filter(Boolean);
}

async function readJson<T>(clone: Clone, treeish: string, path: string): Promise<T | null> {
  const content = await readFile(clone, treeish, path);
  return content ? (JSON.parse(content.toString()) as T) : null;
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Many blobs by one process, in the order asked for: "<sha> blob <size>\n<content>\n" each. */
async function readBlobs(clone: Clone, shas: readonly string[]): Promise<Buffer[]> {
  const output = await gitBytes(clone, ['cat-file', '--batch'], { input: shas.map((sha) => `${sha}\n`).join('') });
  const blobs: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const lineEnd = output.indexOf(0x0a, at);
    const size = Number(output.subarray(at, lineEnd).toString().split(' ')[2]);
    blobs.push(output.subarray(lineEnd + 1, lineEnd + 1 + size));
    at = lineEnd + 1 + size + 1;
  }
  return blobs;
}
