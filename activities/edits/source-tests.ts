import { listFiles, readFiles } from '../../adapters/git/trees.ts';
import { languageOf, parseSource } from '../../adapters/parsers/parse.ts';
import { mayHoldTests, testsProblem } from '../../domain/source/tests.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Returns one line where an edited file lacks a test of the base that stands in it; else null. */
export async function sourceTestsProblem(
  { clone, plan }: OpenLoop,
  edited: ReadonlyMap<string, string>,
): Promise<string | null> {
  const isEdited = ({ path, mode }: { path: string; mode: string }) =>
    edited.has(path) && mode.startsWith('100') && languageOf(path) !== null;
  const files = (await listFiles(clone, plan.baseSha)).filter(isEdited);
  const blobs = await readFiles(clone, files);
  for (const { path, sha } of files) {
    const before = blobs.get(sha)!.toString('utf8');
    const base = mayHoldTests(before) ? await parseSource(path, before) : null;
    if (!base || base.tests.length === 0) continue;
    const now = await parseSource(path, edited.get(path)!);
    const problem = testsProblem(path, base.tests, now && now.tests);
    if (problem) return problem;
  }
  return null;
}
