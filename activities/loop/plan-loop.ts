import { listFiles } from '../../adapters/git/trees.ts';
import { matchesGlob } from '../../adapters/glob.ts';
import { grantAccess } from '../../domain/config/grants.ts';
import { commandSource, type Plan } from '../../domain/config/plan.ts';
import { branchOf, type LoopConfig } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { editableProblems, unprotectedProblems } from '../../domain/protection/protected-files.ts';
import { loopFalseCommitRate } from '../../domain/verdict/decision.ts';
import { readLedger } from '../../ledger/ledger.ts';
import { championOf } from '../../ledger/refs.ts';
import { carryOver } from '../propose/carry-over.ts';
import { lookAtEditable } from '../propose/editable.ts';
import { chooseSource, proveSource } from '../propose/source.ts';
import { findRecord } from '../record/outcome.ts';
import { treeProblems } from '../trees/elsewhere.ts';
import { uncommittedProblems } from '../trees/uncommitted.ts';
import { branchConflict, branchProblem } from '../../ledger/branch.ts';
import { bringUpToDate } from '../../ledger/sync.ts';
import type { WorkerContext } from './resources.ts';
import { baseOf, openPlan, openRepository, realPlace, type OpenLoop, type OpenRepository } from './open-loop.ts';
import { refused } from './refusal.ts';

export interface PlannedLoop {
  loop: OpenLoop;
  /** Records of a ledger that is there already, by iteration. */
  records: IterationRecord[];
  champion: string;
  isNew: boolean;
  /** Why this model, where nobody named it. */
  why: string | null;
  /** For people, before the loop begins: one line each. */
  notes: string[];
}

/** Plans a new loop by a config as somebody wrote it, or takes the plan of the ledger if the loop has begun. */
export async function planLoop(context: WorkerContext, loopId: string, input: unknown): Promise<PlannedLoop> {
  const { worker } = context;
  const config = parseConfig(input);
  // All problems of the config at once, before anything of the repository is read.
  const path = await realPlace(config.repository);
  const grants = grantAccess(config, path, worker.settings, matchesGlob);
  if (!grants.ok) throw refused(...grants.problems);
  const place = await openRepository(context, path);
  const { clone, repository } = place;
  const branch = branchOf(config, loopId);
  const blocked = await branchProblem(repository, { loopId, branch }, clone.signal);
  if (blocked) throw refused((await branchConflict(clone, repository, { loopId, branch })) ?? blocked);
  const baseSha = await baseOf(place, config);
  await bringUpToDate(clone, repository, { loopId, branch }, baseSha);
  const shared = await branchConflict(clone, repository, { loopId, branch });
  if (shared) throw refused(shared);
  const begun = await readBegunLoop(context, place, { loopId, config });
  if (begun) return begun;
  const alpha = loopFalseCommitRate(config.falseCommitRate, config.iterations);
  const plan = { version: 1, loopId, config, baseSha, branch, alpha, source: commandSource('none') } as const;
  const loop = await openPlan(worker, place, plan);
  const files = await listFiles(clone, baseSha);
  const misfits = editableProblems(files, config.editable, loop.protectedFiles, { matches: matchesGlob });
  const unopened = unprotectedProblems(files, config.unprotected, loop.protectedFiles);
  const problems = [...(await treeProblems(loop)), ...unopened, ...misfits, ...(await uncommittedProblems(loop))];
  if (problems.length > 0) throw refused(...problems);
  // Asked last: it takes longest.
  const { source, why, doubt } = await chooseSource(context, config);
  const carried = await carryOver(loop);
  const editable = await lookAtEditable(loop, source);
  if (editable.problems.length > 0) throw refused(...editable.problems);
  const notes = [...(carried ? [carried.note] : []), ...(doubt ? [`model: ${doubt}`] : []), ...editable.notes];
  return { loop: { ...loop, plan: { ...loop.plan, source } }, records: [], champion: baseSha, isNew: true, why, notes };
}

export function parseConfig(input: unknown): LoopConfig {
  const parsed = parseLoopConfig(input);
  if (!parsed.ok) throw refused(...parsed.problems);
  return parsed.value;
}

async function readBegunLoop(
  context: WorkerContext,
  place: OpenRepository,
  { loopId, config }: Pick<Plan, 'loopId' | 'config'>,
): Promise<PlannedLoop | null> {
  const { plan, records } = await readLedger(place.clone, loopId);
  if (!plan) return null;
  // Parsed again: a ledger of an earlier version lacks the defaults of this one.
  const known = parseLoopConfig(plan.config);
  if (!known.ok || JSON.stringify(known.value) !== JSON.stringify(config))
    throw refused(`loop id: "${loopId}" has a ledger of another configuration; give this loop another id`);
  const { source, doubt } = await proveSource(context, plan.source);
  const loop = await openPlan(context.worker, place, { ...plan, loopId, source });
  const last = records.at(-1);
  // Looking it up puts its commit in place, should that have been cut short.
  if (last) await findRecord(loop, last.iteration);
  const champion = (await championOf(place.repository, loop.plan, place.clone.signal)) ?? plan.baseSha;
  return { loop, records, champion, isNew: false, why: null, notes: doubt ? [`model: ${doubt}`] : [] };
}
