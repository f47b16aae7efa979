import type { Clone } from '../../adapters/git/command.ts';
import { readBlobs, type TreeFile } from '../../adapters/git/trees.ts';
import { namedFiles, type NamedFiles } from '../../domain/protection/readers/named-files.ts';

/** A longer text is data itself. */
const largestText = 256 * 1024;
/** Of all texts together, in bytes; what comes after is not read. */
const mostText = 32 * 2 ** 20;

/** What the files of a base name in their texts. */
export async function namedInBase(clone: Clone, files: readonly TreeFile[]): Promise<NamedFiles> {
  let total = 0;
  const texts = files.filter(
    ({ mode, size }) => mode.startsWith('100') && size <= largestText && (total += size) <= mostText,
  );
  const blobs = await readBlobs(
    clone,
    texts.map(({ sha }) => sha),
  );
  const isText = (sha: string) => !blobs.get(sha)!.subarray(0, 4_096).includes(0);
  return namedFiles(
    texts.filter(({ sha }) => isText(sha)).map(({ path, sha }) => ({ path, text: blobs.get(sha)!.toString('utf8') })),
    files.map(({ path }) => path),
  );
}
