import type { HeadToHeadRecord } from '../domain/verdict/head-to-head.ts';
import type { Plan } from '../domain/config/plan.ts';
import { parseAsked, type Asked } from '../domain/ledger/asked.ts';
import type { WholeRecord } from '../domain/ledger/iteration-text.ts';
import type { Hotspot } from '../domain/steps.ts';
import { parseRecord, type Evidence, type IterationRecord } from '../domain/ledger/record.ts';
import type { Clone } from '../adapters/git/command.ts';
import { importCommit } from '../adapters/git/import-commit.ts';
import { readRef } from '../adapters/git/refs.ts';
import { cloneRefNames } from './refs.ts';
import { entryAt, listFiles, readBlobs, readFile, treeOf } from '../adapters/git/trees.ts';

/** A chain of commits, one per record, that only grows. */
export interface Ledger {
  /** Newest commit, or null where the loop has no ledger yet. */
  head: string | null;
  plan: Plan | null;
  records: IterationRecord[];
  /** Base against champion as it was when the loop ended last; null where that was not measured. */
  headToHead: HeadToHeadRecord | null;
}

/** Reads the ledger as the clone has it; `syncLoop` brings it up to date with the repository. */
export async function readLedger(clone: Clone, loopId: string): Promise<Ledger> {
  const head = await ledgerHead(clone, loopId);
  if (!head) return { head, plan: null, records: [], headToHead: null };
  const shas = (await listFiles(clone, head)).flatMap(({ path, sha }) => (iterationOf(path) === null ? [] : [sha]));
  const blobs = await readBlobs(clone, shas);
  return {
    head,
    plan: await readJson<Plan>(clone, head, planPath),
    records: shas.map((sha) => parseRecord(blobs.get(sha)!.toString())).sort((a, b) => a.iteration - b.iteration),
    headToHead: await readJson<HeadToHeadRecord>(clone, head, headToHeadPath),
  };
}

/** Reads the plan without the records; null where the clone has no ledger of the loop. */
export function readLedgerPlan(clone: Clone, loopId: string): Promise<Plan | null> {
  return readNewest(clone, loopId, planPath);
}

/** Reads the last measurement of base against champion without the records; null where there is none. */
export function readHeadToHead(clone: Clone, loopId: string): Promise<HeadToHeadRecord | null> {
  return readNewest(clone, loopId, headToHeadPath);
}

/** Reads the record of one iteration in a ledger as it was at one of its commits; null where there is none. */
export async function readRecord(clone: Clone, head: string, iteration: number): Promise<IterationRecord | null> {
  const content = await readFile(clone, head, pathOf(iteration, 'json'));
  return content && parseRecord(content.toString());
}

/** Reads all that a ledger has of one iteration, as it was at one of its commits; null where there is no record. */
export async function readWholeRecord(clone: Clone, head: string, iteration: number): Promise<WholeRecord | null> {
  const record = await readRecord(clone, head, iteration);
  if (!record) return null;
  const read = async (ending: RecordFile) =>
    (await readFile(clone, head, pathOf(iteration, ending)))?.toString() ?? null;
  const asked = await read('asked.json');
  return {
    record,
    diff: await read('diff'),
    evidence: await readJson<Evidence>(clone, head, pathOf(iteration, 'evidence.json')),
    asked: asked === null ? null : parseAsked(asked),
  };
}

export interface LedgerEntry {
  loopId: string;
  /** Needed to begin a ledger; takes the place of the one that is there only to tell its effort. */
  plan?: Plan;
  record?: IterationRecord;
  diff?: string;
  evidence?: Evidence | null;
  asked?: Asked | null;
  /** Where the time of the record's champion goes; kept once for each champion. */
  hotspots?: readonly Hotspot[] | null;
  /** Takes the place of the one that is there. */
  headToHead?: HeadToHeadRecord;
  /** "Name <address>" */
  identity: string;
  /** ISO 8601 */
  date: string;
}

/** Makes the commit that follows `head`, or returns `head` where nothing is new; a record of the same iteration stays. */
export async function ledgerCommit(clone: Clone, head: string | null, entry: LedgerEntry): Promise<string> {
  const { loopId, plan, record, diff, evidence, asked, hotspots, headToHead, identity, date } = entry;
  const files: { path: string; content: string }[] = [];
  if (!head && !plan) throw new Error(`ledger: ${loopId} has none yet; give the plan to begin it`);
  const known = head && plan ? await readJson<Plan>(clone, head, planPath) : null;
  if (plan && !known?.effort) files.push({ path: planPath, content: toJson(plan) });
  if (record && !(head && (await entryAt(clone, head, pathOf(record.iteration, 'json'))))) {
    files.push({ path: pathOf(record.iteration, 'json'), content: toJson(record) });
    if (diff) files.push({ path: pathOf(record.iteration, 'diff'), content: diff });
    if (evidence) files.push({ path: pathOf(record.iteration, 'evidence.json'), content: toJson(evidence) });
    if (asked) files.push({ path: pathOf(record.iteration, 'asked.json'), content: toJson(asked) });
    const ofChampion = hotspotsPath(record.champion);
    if (hotspots?.length && !(head && (await entryAt(clone, head, ofChampion))))
      files.push({ path: ofChampion, content: toJson(hotspots) });
  }
  if (headToHead) files.push({ path: headToHeadPath, content: toJson(headToHead) });
  if (head && files.length === 0) return head;
  const subject = headToHead
    ? 'Base against champion'
    : record
      ? `Iteration ${record.iteration}: ${record.reason ?? record.outcome}`
      : head
        ? 'The plan, once the base is measured'
        : 'Begin the ledger';
  const message = `${subject}\n\nLoop: ${loopId}\n`;
  const next = await importCommit(clone, { parent: head, files, message, identity, date });
  const isReplaced = head && !record && files.length === 1;
  return isReplaced && (await treeOf(clone, next)) === (await treeOf(clone, head)) ? head : next;
}

/** Newest commit of a ledger as the clone has it, or null. */
export function ledgerHead(clone: Clone, loopId: string): Promise<string | null> {
  return readRef(clone, cloneRefNames(loopId).ledger);
}

export const planPath = 'loop.json';
/** Each end of the loop replaces it. */
const headToHeadPath = 'head-to-head.json';

type RecordFile = 'json' | 'diff' | 'evidence.json' | 'asked.json';

function pathOf(iteration: number, ending: RecordFile): string {
  return `records/${Math.floor(iteration / 100)}/${iteration}.${ending}`;
}

function hotspotsPath(champion: string): string {
  return `hotspots/${champion}.json`;
}

/** The iteration whose record lies at a path; null for any other path. */
export function iterationOf(path: string): number | null {
  const [, iteration] = /^records\/\d+\/(\d+)\.json$/.exec(path) ?? [];
  return iteration ? Number(iteration) : null;
}

async function readNewest<T>(clone: Clone, loopId: string, path: string): Promise<T | null> {
  const head = await ledgerHead(clone, loopId);
  return head === null ? null : readJson<T>(clone, head, path);
}

async function readJson<T>(clone: Clone, treeish: string, path: string): Promise<T | null> {
  const content = await readFile(clone, treeish, path);
  return content ? (JSON.parse(content.toString()) as T) : null;
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
