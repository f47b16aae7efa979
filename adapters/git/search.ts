import { gitOrNull, type Clone } from './command.ts';

/** More are taken as named. */
const maxNames = 200;
const documents = /\.(?:md|rst|txt|html|adoc)$|(?:^|\/)\.gitattributes$/i;

/** Finds the names of files that sources of a commit say; documents show what they name, and run nothing. */
export async function namesInSources(clone: Clone, sha: string, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const wanted = names.slice(0, maxNames).flatMap((name) => ['-e', name]);
  const output = await gitOrNull(clone, ['grep', '--no-color', '-o', '-I', '-F', '-z', ...wanted, sha]);
  const lines = (output ?? '').split('\n').map((line) => line.slice(sha.length + 1).split('\0'));
  const said = lines.filter(([path = '']) => !documents.test(path)).map(([, name = '']) => name);
  return new Set([...said, ...names.slice(maxNames)]);
}
