import { readHistory, type PastRecord } from '../../ledger/history.ts';
import { listFiles, readFiles, treeOf, writeTree } from '../../adapters/git/trees.ts';
import { applyEdits, type EditTarget } from '../../domain/proposal/edit.ts';
import { checkHypothesis } from '../../domain/proposal/hypothesis.ts';
import { foldedNames, foldingClash } from '../../domain/proposal/path-form.ts';
import type { ApplyAnswer, ApplyInput } from '../../domain/steps.ts';
import { toLine } from '../../domain/text.ts';
import { protectedFilesProblem } from '../trees/protection.ts';
import { sourceTestsProblem } from '../trees/source-tests.ts';
import { isExcused } from '../../domain/protection/flaky-tests.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { told } from '../loop/told.ts';
import { baseFacts } from '../measure/baseline.ts';
import { makeCandidateRunnable } from '../trees/runnable.ts';
import { unseenProblem } from '../trees/unseen.ts';

/** Applies a hypothesis to the champion's tree, in git's objects alone, and builds the result in the sandbox. */
export async function apply(context: StepContext, input: ApplyInput): Promise<ApplyAnswer> {
  const { loop } = context;
  const parsed = checkHypothesis(input.hypothesis);
  if (!parsed.ok) return refuse('edit-refused', toLine(`hypothesis: ${parsed.problems[0]!}`, 400));
  const edited = await applyEdits(parsed.value.edits, await editTarget(loop, input.champion));
  if (!edited.ok) return refuse('edit-refused', toLine(edited.problem, 600));
  const changes = [...edited.files].map(([path, content]) => ({ path, content }));
  const tree = await writeTree(loop.clone, input.champion, changes);
  const problem = (await protectedFilesProblem(loop, tree)) ?? (await sourceTestsProblem(loop, edited.files));
  if (problem) return refuse('edit-refused', toLine(problem, 600));
  const earlier = await findEqual(context, input, tree);
  if (earlier) return refuse('duplicate', earlier, tree);
  const made = await makeCandidateRunnable(context, tree);
  if (!made.ok)
    return made.isOfEdit
      ? refuse('edit-refused', made.detail, tree)
      : refuse('build-failed', told(loop, made.detail), tree);
  const files = changes.map(({ path }) => path);
  const unseen = await unseenProblem(context, tree, files);
  return unseen === null ? { kind: 'applied', tree, files } : refuse('edit-refused', toLine(unseen, 600), tree);
}

type RefusalReason = Extract<ApplyAnswer, { kind: 'refused' }>['reason'];

function refuse(reason: RefusalReason, detail: string, tree: string | null = null): ApplyAnswer {
  return { kind: 'refused', reason, detail, tree };
}

/** Reads git's own tree: no file system can disguise a path there. */
async function editTarget(loop: OpenLoop, champion: string): Promise<EditTarget> {
  const files = new Map((await listFiles(loop.clone, champion)).map((file) => [file.path, file]));
  const names = foldedNames(files.keys());
  return {
    isEditable: loop.isEditable,
    protection: loop.protectedFiles.protection,
    async read(path) {
      const shown = JSON.stringify(path);
      const file = files.get(path);
      if (!file) {
        if ([...files.keys()].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`)))
          return { problem: `${shown} is a folder, or lies below a file or link` };
        const clash = foldingClash(path, names);
        return clash === null
          ? { content: null }
          : { problem: `${shown} is the same as ${JSON.stringify(clash)} to some systems; choose another name` };
      }
      if (!file.mode.startsWith('100')) return { problem: `${shown} is a link or a submodule` };
      if (file.size > maxEditableBytes)
        return { problem: `${shown} has ${file.size} bytes; at most ${maxEditableBytes} can be edited` };
      const bytes = (await readFiles(loop.clone, [file])).get(file.sha);
      const content = bytes?.toString('utf8') ?? '';
      return bytes && Buffer.from(content, 'utf8').equals(bytes) && !content.includes('\0')
        ? { content }
        : { problem: `${shown} is not a text file in UTF-8` };
    },
  };
}

/** In bytes: a file that is edited is held in memory. */
const maxEditableBytes = 2 * 1024 * 1024;

/** A candidate equal to the champion or to an earlier one costs no run. */
async function findEqual(context: StepContext, input: ApplyInput, tree: string): Promise<string | null> {
  const { clone, plan } = context.loop;
  if (tree === (await treeOf(clone, input.champion))) return 'equal to the champion';
  const records = await readHistory(clone, plan.loopId);
  for (const record of records) {
    const { candidate, iteration, reason, outcome } = record;
    if (candidate?.tree !== tree || iteration === input.iteration || (await isOpen(context, record))) continue;
    return `equal to the candidate of iteration ${iteration} (${reason ?? outcome})`;
  }
  return null;
}

/** Tells if a candidate may come again, which ended for the machine's sake, or failed by tests that may pass. */
async function isOpen(context: StepContext, { reason, failedTests }: PastRecord): Promise<boolean> {
  // A duplicate is judged by the one that it equals.
  const unjudged: unknown[] = ['infrastructure', 'cancelled', 'stale', 'duplicate'];
  if (!failedTests) return unjudged.includes(reason);
  const { testRuns, guardRuns } = await baseFacts(context);
  const { names, isUnstable } = failedTests;
  const run = { passed: false, failed: names.length > 0 ? names : null, count: null };
  return isUnstable || isExcused(run, reason === 'guard-failed' ? guardRuns : testRuns);
}
