import { matchesGlob } from '../../adapters/glob.ts';
import { gitOrNull, type Clone } from '../../adapters/git/command.ts';
import { changedPaths, entryAt, readFile, textOf } from '../../adapters/git/trees.ts';
import { sourceFacts } from '../../adapters/parsers/parse.ts';
import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import { limitProblems, type FileChange, type SourceFacts } from '../../domain/adoption/limits.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { openAdoption } from './context.ts';

/** Most problems that are told. */
const maxProblems = 8;

/** Compares a commit with the last good build: which files changed, and which powers they ask for anew. */
export async function inspect(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  const { clone, judge, order } = await openAdoption(context, ref);
  const { commit } = ref;
  if (judge === commit) return { kind: 'failed', detail: 'is the build that works already' };
  if ((await gitOrNull(clone, ['merge-base', '--is-ancestor', judge, commit])) === null)
    return { kind: 'failed', detail: `is not built upon the build that works, ${judge.slice(0, 12)}` };
  const paths = await changedPaths(clone, judge, commit);
  const changes: FileChange[] = [];
  for (const path of paths) changes.push(await readChange(clone, path, { judge, commit }));
  const problems = limitProblems(changes, matchesGlob);
  const more = problems.length > maxProblems ? [`and ${problems.length - maxProblems} more`] : [];
  if (problems.length > 0) return { kind: 'failed', detail: [...problems.slice(0, maxProblems), ...more].join('; ') };
  if (paths.length === 0) return { kind: 'failed', detail: 'changes no file' };
  return {
    kind: 'passed',
    facts: `${order.by ? `ordered by the worker's settings, for ${order.by}; ` : ''}${paths.length} files within the limits: ${paths.slice(0, maxProblems).join(', ')}`,
  };
}

async function readChange(
  clone: Clone,
  path: string,
  { judge, commit }: { judge: string; commit: string },
): Promise<FileChange> {
  const entry = await entryAt(clone, commit, path);
  const [before, after] = [await factsAt(clone, judge, path), entry && (await factsAt(clone, commit, path))];
  return {
    path,
    mode: entry?.mode ?? null,
    before: before === 'unreadable' ? null : before,
    after,
  };
}

async function factsAt(clone: Clone, treeish: string, path: string): Promise<SourceFacts | 'unreadable' | null> {
  const content = await readFile(clone, treeish, path);
  if (content === null) return null;
  const text = textOf(content);
  return (text === null ? null : await sourceFacts(path, text)) ?? 'unreadable';
}
