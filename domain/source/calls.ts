import { shortName } from './find.ts';
import { hasWord, type SourceFile } from './function.ts';
import { joined } from './reach.ts';

/** Lines of a file that is shown whole. */
const maxWholeLines = 30;
/** Lines that are shown of a longer one, and lines around each call. */
const [maxLines, around] = [24, 3];

/**
 * Shows the lines of a benchmark that call some code, else that call its callers.
 * @param names of the code first, then of its callers
 */
export function callsIn(
  files: readonly Pick<SourceFile, 'path' | 'content'>[],
  names: readonly { name: string | null }[],
): { file: string; code: string }[] {
  const known = names.map(({ name }) => shortName(name ?? '')).filter((name) => name !== '');
  const groups = [known.slice(0, 1), known.slice(1)];
  const namesIn = (content: string) => groups.find((group) => group.some((name) => hasWord(content, name))) ?? [];
  return files.flatMap(({ path, content }) => {
    const lines = content.trimEnd().split('\n');
    const called = namesIn(content);
    if (called.length > 0 && lines.length <= maxWholeLines) return [{ file: path, code: lines.join('\n') }];
    const hits = lines.flatMap((line, at) => (called.some((name) => hasWord(line, name)) ? [at] : []));
    if (hits.length === 0) return [];
    // The import comes first, and calls say more.
    const told = hits.slice(-Math.floor(maxLines / (2 * around + 1)));
    return [{ file: path, code: joined(lines, (at) => told.some((hit) => Math.abs(hit - at) <= around)) }];
  });
}
