import { listFiles, readFiles, textOf, writeTree } from '../../adapters/git/trees.ts';
import { applyEdits, type EditedFiles, type EditTarget } from '../../domain/proposal/edit.ts';
import { checkHypothesis, type Hypothesis } from '../../domain/proposal/hypothesis.ts';
import { foldedNames, foldingClash } from '../../domain/proposal/path-form.ts';
import type { ApplyAnswer, ApplyInput } from '../../domain/steps.ts';
import { toLine } from '../../domain/text.ts';
import { protectedFilesProblem } from '../trees/protection.ts';
import { sourceTestsProblem } from './source-tests.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { told } from '../loop/told.ts';
import { findEqual } from '../record/equal.ts';
import { hasSameBuild } from '../trees/program.ts';
import { makeCandidateRunnable } from '../trees/runnable.ts';
import { unseenProblem } from '../trees/unseen.ts';

/** Applies a hypothesis to the champion's tree, in git's objects alone, and builds the result in the sandbox. */
export async function applyHypothesis(context: StepContext, input: ApplyInput): Promise<ApplyAnswer> {
  const { loop } = context;
  const parsed = checkHypothesis(input.hypothesis);
  if (!parsed.ok) return refuse('edit-refused', toLine(`hypothesis: ${parsed.problems[0]!}`, 400));
  const edited = await editedTree(loop, input.champion, parsed.value);
  if (!edited.ok) return refuse('edit-refused', toLine(edited.problem, 600));
  const { tree } = edited;
  const problem = (await protectedFilesProblem(loop, tree)) ?? (await sourceTestsProblem(loop, edited.files));
  if (problem) return refuse('edit-refused', toLine(problem, 600));
  const earlier = await findEqual(context, input, tree);
  if (earlier) return refuse('duplicate', earlier, tree);
  const made = await makeCandidateRunnable(context, tree);
  if (!made.ok)
    return made.isOfEdit
      ? refuse('edit-refused', made.detail, tree)
      : refuse('build-failed', told(loop, made.detail), tree);
  const files = [...edited.files.keys()];
  if (await hasSameBuild(context, input.champion, { tree, files }))
    return refuse('duplicate', 'same program as the champion: the build makes the same files of it', tree);
  const unseen = await unseenProblem(context, tree, files);
  return unseen === null ? { kind: 'applied', tree, files } : refuse('edit-refused', toLine(unseen, 600), tree);
}

type EditedTree = (Extract<EditedFiles, { ok: true }> & { tree: string }) | Extract<EditedFiles, { ok: false }>;

/** Applies a hypothesis in git's objects, and builds nothing. */
export async function editedTree(loop: OpenLoop, champion: string, { edits }: Hypothesis): Promise<EditedTree> {
  const edited = await applyEdits(edits, await editTarget(loop, champion));
  if (!edited.ok) return edited;
  const changes = [...edited.files].map(([path, content]) => ({ path, content }));
  return { ...edited, tree: await writeTree(loop.clone, champion, changes) };
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
      const content = bytes ? textOf(bytes) : null;
      return content === null ? { problem: `${shown} is not a text file in UTF-8` } : { content };
    },
  };
}

/** In bytes: a file that is edited is held in memory. */
const maxEditableBytes = 2 * 1024 * 1024;
