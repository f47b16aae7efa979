import { listFiles, readFile, treeOf, writeTree } from '../adapters/git/trees.ts';
import { readLedger } from '../adapters/git/ledger.ts';
import { applyEdits, type EditTarget } from '../domain/edit.ts';
import { hypothesisSchema } from '../domain/hypothesis.ts';
import type { Applied, ApplyInput } from '../domain/steps.ts';
import { withHeartbeat } from './heartbeat.ts';
import { checkSha, openLoop, type OpenLoop, type Resources } from './resources.ts';
import { makeRunnable } from './runnable.ts';

/** Applies a hypothesis to the champion's tree, in git's objects alone, and builds the result in the sandbox. */
export async function apply(resources: Resources, input: ApplyInput): Promise<Applied> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    checkSha('champion', input.champion);
    const parsed = hypothesisSchema.safeParse(input.hypothesis);
    if (!parsed.success) return refuse('edit-refused', `hypothesis: ${parsed.error.issues[0]?.message ?? 'is not in the form'}`);
    const edited = await applyEdits(parsed.data.edits, await editTarget(loop, input.champion));
    if (!edited.ok) return refuse('edit-refused', edited.problem);
    const changes = [...edited.files].map(([path, content]) => ({ path, content }));
    const tree = await writeTree(loop.clone, input.champion, changes);
    const earlier = await findEqual(loop, input, tree);
    if (earlier) return refuse('duplicate', earlier, tree);
    const made = await makeRunnable(resources, loop, tree, signal);
    return made.ok ? { kind: 'applied', tree, files: changes.map(({ path }) => path) } : refuse('build-failed', made.detail, tree);
  });
}

function refuse(reason: 'edit-refused' | 'duplicate' | 'build-failed', detail: string, tree: string | null = null): Applied {
  return { kind: 'refused', reason, detail, tree };
}

async function editTarget(loop: OpenLoop, champion: string): Promise<EditTarget> {
  const files = new Map((await listFiles(loop.clone, champion)).map((file) => [file.path, file]));
  return {
    isEditable: loop.isEditable,
    async read(path) {
      const file = files.get(path);
      if (!file)
        return [...files.keys()].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))
          ? { problem: `"${path}" is a folder, or lies below a file or link` }
          : { content: null };
      if (!file.mode.startsWith('100')) return { problem: `"${path}" is a link or a submodule` };
      const bytes = await readFile(loop.clone, champion, path);
      const content = bytes?.toString('utf8') ?? '';
      return bytes && Buffer.from(content, 'utf8').equals(bytes) && !content.includes('\0')
        ? { content }
        : { problem: `"${path}" is not a text file in UTF-8` };
    },
  };
}

/** A candidate equal to the champion or to an earlier one costs no run. */
async function findEqual(loop: OpenLoop, { champion, iteration }: ApplyInput, tree: string): Promise<string | null> {
  if (tree === (await treeOf(loop.clone, champion))) return 'equal to the champion';
  const { records } = await readLedger(loop.clone, loop.plan.loopId);
  // What ended for the machine's sake was never judged, and may come again.
  const judged = records.filter(({ reason }) => reason !== 'infrastructure' && reason !== 'cancelled' && reason !== 'stale');
  const equal = judged.find((record) => record.candidate?.tree === tree && record.iteration !== iteration);
  return equal ? `equal to the candidate of iteration ${equal.iteration} (${equal.reason ?? equal.outcome})` : null;
}
