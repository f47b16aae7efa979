import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReplayLanguage } from '../../adapters/replay/languages.ts';
import { replayDirectory } from '../../domain/replay/contract.ts';
import { removeTree } from '../../store/discard.ts';
import { uniqueBeside } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { copyTree } from '../trees/built-tree.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';

/** Gives `use` a copy of a runnable tree with rewritten modules and the files of recorder and caller. */
export async function withStaged<T>(
  { directory }: Pick<OpenLoop, 'directory'>,
  { tree, provided }: RunnableTree,
  { modules, language }: { modules: ReadonlyMap<string, string>; language: ReplayLanguage },
  use: (staged: RunnableTree) => Promise<T>,
): Promise<T> {
  const copy = uniqueBeside(loopPaths(directory).tree('replay'));
  try {
    await copyTree(tree, copy);
    for (const [path, text] of modules) await writeFile(join(copy, path), text);
    await mkdir(join(copy, replayDirectory), { mode: 0o755 });
    for (const [name, text] of Object.entries(await language.files())) await putBeside(copy, name, text);
    return await use({ tree: copy, provided });
  } finally {
    await removeTree(copy);
  }
}

/** Puts a file beside the caller of a staged tree. */
export async function putBeside(tree: string, name: string, text: string): Promise<void> {
  await writeFile(join(tree, replayDirectory, name), text, { mode: 0o644 });
}
