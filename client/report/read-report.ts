import type { Plan } from '../../domain/config/plan.ts';
import { progressOf, type Progress } from '../../domain/ledger/page/progress.ts';
import { report, type Report } from '../../domain/ledger/report.ts';
import { quoteWords } from '../../domain/text.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { readBeside, type Beside } from '../../ledger/beside.ts';
import { readLedger } from '../../ledger/ledger.ts';
import { readLoopRefs, refNames } from '../../ledger/refs.ts';
import { placeOfLedger } from '../loops/ledgers.ts';

/** All that a report shows. */
export interface ReportFacts {
  report: Report;
  /** Null in a ledger that lost it. */
  plan: Plan | null;
  beside: Beside;
  /** Null before anything was measured. */
  progress: Progress | null;
  /** Newest commit of the ledger. */
  head: string;
  repository: string;
  /** The ref that holds the champion; null before the first commit. */
  place: string | null;
}

/** Reads all of a loop's report in its repository; null where there is no ledger. */
export async function readReport(repository: string, loopId: string): Promise<ReportFacts | null> {
  const clone = await placeOfLedger(repository, loopId);
  if (!clone) return null;
  const { records, headToHead, plan, head } = await readLedger(clone, loopId);
  if (head === null) return null;
  const facts = report(loopId, records, headToHead?.result ?? null, plan);
  const beside = await readBeside(clone, head);
  const progress = progressOf(facts, beside.evidence, plan?.baseSha ?? null);
  const place = plan && facts.committed > 0 ? await placeOfChampion(repository, loopId, plan.branch) : null;
  return { report: facts, plan, beside, progress, head, repository, place };
}

/** The same; of a loop that has no ledger yet an empty one. */
export async function readOrEmpty(repository: string, loopId: string): Promise<ReportFacts> {
  const beside = { diffs: new Map(), evidence: new Map(), hotspots: new Map() };
  const none = { plan: null, beside, progress: null, head: '', repository, place: null };
  return (await readReport(repository, loopId)) ?? { report: report(loopId, [], null), ...none };
}

/** The champion waits at a ref of its own while the branch is checked out. */
export async function placeOfChampion(repository: string, loopId: string, branch: string): Promise<string> {
  const names = refNames(loopId, branch);
  return (await readLoopRefs(repository, names)).champion ? names.champion : branch;
}

/** Command lines by which a person looks at what was gained, merges it, and measures it again. */
export function nextCommands({
  report: { loopId },
  plan,
  place,
  repository,
}: ReportFacts): Record<'look' | 'merge' | 'verify', string[]> | null {
  if (place === null) return null;
  const base = plan!.baseSha.slice(0, 10);
  const words = (...all: string[]) => quoteWords(all);
  const from = isUrl(repository)
    ? [words('git', 'fetch', repository, place), 'git merge FETCH_HEAD']
    : [words('git', 'merge', place)];
  return {
    look: [words('git', 'log', '--patch', `${base}..${place}`), words('git', 'diff', `${base}..${place}`)],
    merge: from,
    verify: [words('npx', 'karpathy-loop', 'verify', place, '--loop', loopId)],
  };
}
