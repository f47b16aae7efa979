import { LRUCache } from 'lru-cache';
import { parseRecord, type IterationRecord } from '../domain/ledger/record.ts';
import { git, GitFailure, type Clone } from '../adapters/git/command.ts';
import { iterationOf, ledgerHead } from './ledger.ts';
import { listFiles, readBlobs } from '../adapters/git/trees.ts';
import { toBlock } from '../domain/text.ts';

/** The part of a record that later iterations ask for. */
export type PastRecord = Pick<
  IterationRecord,
  'iteration' | 'outcome' | 'reason' | 'champion' | 'candidate' | 'hypothesis' | 'verdict' | 'failedTests' | 'screened'
>;

interface History {
  head: string;
  records: PastRecord[];
}

const histories = new LRUCache<string, History>({ max: 16 });

/** The earlier iterations of a loop as the clone has them. A process reads each record once, however long the loop is. */
export async function readHistory(clone: Clone, loopId: string): Promise<readonly PastRecord[]> {
  const head = await ledgerHead(clone, loopId);
  if (!head) return [];
  const key = `${clone.directory} ${loopId}`;
  const known = histories.get(key);
  const records =
    known?.head === head
      ? known.records
      : ((known && (await continued(clone, known, head))) ?? (await wholeHistory(clone, head)));
  histories.set(key, { head, records });
  return records;
}

/** The history with what was added since; null where the ledger is another one, or is not there any more. */
async function continued(clone: Clone, { head: before, records }: History, head: string): Promise<PastRecord[] | null> {
  try {
    const options = 'diff-tree -r -z --raw --no-abbrev --no-renames --end-of-options'.split(' ');
    const changes = await git(clone, [...options, before, head]);
    // ":<mode> <mode> <sha> <sha> <status>\0<path>\0" each.
    const parts = changes.split('\0');
    const added: string[] = [];
    for (let at = 0; at + 1 < parts.length; at += 2) {
      if (iterationOf(parts[at + 1]!) === null) continue;
      const [, , , sha = '', status] = parts[at]!.split(' ');
      if (status !== 'A') return null;
      added.push(sha);
    }
    return byIteration([...records, ...(await readRecords(clone, added))]);
  } catch (error) {
    if (error instanceof GitFailure) return null;
    throw error;
  }
}

async function wholeHistory(clone: Clone, head: string): Promise<PastRecord[]> {
  const files = (await listFiles(clone, `${head}^{tree}`)).filter(({ path }) => iterationOf(path) !== null);
  const shas = files.map(({ sha }) => sha);
  return byIteration(await readRecords(clone, shas));
}

async function readRecords(clone: Clone, shas: readonly string[]): Promise<PastRecord[]> {
  const blobs = await readBlobs(clone, shas);
  return shas.map((sha) => shortened(parseRecord(blobs.get(sha)!.toString())));
}

/** Without what may be long: all of them stay in memory. */
function shortened(record: IterationRecord): PastRecord {
  const { iteration, outcome, reason, champion, candidate, verdict, failedTests, screened } = record;
  const hypothesis = record.hypothesis && { ...record.hypothesis, rationale: toBlock('') };
  const facts = { iteration, outcome, reason, champion, candidate, hypothesis, verdict };
  return { ...facts, ...(failedTests && { failedTests }), ...(screened && { screened }) };
}

function byIteration(records: PastRecord[]): PastRecord[] {
  return records.sort((a, b) => a.iteration - b.iteration);
}
