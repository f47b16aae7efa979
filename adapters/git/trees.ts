import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitBytes, type Clone } from './command.ts';

/** One entry of a tree, as git stores it. */
export interface TreeFile {
  /** From the top, with "/". */
  path: string;
  /** Six octal digits: 100644, 100755, 120000 (link), 160000 (submodule). */
  mode: string;
  sha: string;
  /** In bytes; 0 for a submodule. */
  size: number;
}

/** All files of a tree or commit. @throws where there is no such tree */
export async function listFiles(clone: Clone, treeish: string): Promise<TreeFile[]> {
  return parseTree(await git(clone, ['ls-tree', '-r', '-l', '-z', '--full-tree', '--end-of-options', treeish]));
}

/** The entry at a path, or null. */
export async function entryAt(clone: Clone, treeish: string, path: string): Promise<TreeFile | null> {
  const entries = parseTree(await git(clone, ['ls-tree', '-l', '-z', '--full-tree', '--end-of-options', treeish, '--', path]));
  return entries.find((entry) => entry.path === path) ?? null;
}

/** The content of a file (of a link: where it points), or null where there is none at this path. */
export async function readFile(clone: Clone, treeish: string, path: string): Promise<Buffer | null> {
  const entry = await entryAt(clone, treeish, path);
  return entry && /^1[02]/.test(entry.mode) ? gitBytes(clone, ['cat-file', 'blob', entry.sha]) : null;
}

/** The tree of a commit (of a tree: itself). */
export async function treeOf(clone: Clone, treeish: string): Promise<string> {
  return (await git(clone, ['rev-parse', '--verify', '--end-of-options', `${treeish}^{tree}`])).trim();
}

/** What changed from one tree to another, as `git apply` takes it. */
export async function diffTrees(clone: Clone, from: string, to: string): Promise<string> {
  return git(clone, ['diff-tree', '-r', '-p', '--binary', '--no-ext-diff', '--no-textconv', '--no-renames', '--no-color', '--end-of-options', from, to]);
}

/** A tree with these files put into another; a file that is there keeps its mode, a new one gets 100644. */
export async function writeTree(clone: Clone, base: string, changes: readonly { path: string; content: Uint8Array | string }[]): Promise<string> {
  const files = [];
  for (const change of changes) {
    const mode = (await entryAt(clone, base, change.path))?.mode ?? '100644';
    if (!mode.startsWith('100')) throw new Error(`${change.path}: is a directory, link or submodule; change regular files only`);
    files.push({ ...change, mode });
  }
  return putFiles(clone, base, files);
}

/** The same with given modes; `base` null is the empty tree. */
export async function putFiles(
  clone: Clone,
  base: string | null,
  files: readonly { path: string; mode: string; content: Uint8Array | string }[],
): Promise<string> {
  // Not by --index-info: that leaves out a bad path, and replaces a file by a directory, without an error.
  const entries: string[] = [];
  for (const { path, mode, content } of files) {
    const sha = (await gitBytes(clone, ['hash-object', '-w', '--no-filters', '--stdin'], { input: content })).toString().trim();
    entries.push('--cacheinfo', `${mode},${sha},${path}`);
  }
  return withIndex(clone, base, async (index) => {
    if (entries.length > 0) await git(clone, ['update-index', '--add', ...entries], index);
    return (await git(clone, ['write-tree'], index)).trim();
  });
}

/** Gives `use` the environment of a passing index that holds a tree. */
export async function withIndex<T>(clone: Clone, treeish: string | null, use: (environment: { GIT_INDEX_FILE: string }) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(clone.directory, 'index-'));
  const environment = { GIT_INDEX_FILE: join(directory, 'index') };
  try {
    await git(clone, ['read-tree', ...(treeish ? [treeish] : ['--empty'])], environment);
    return await use(environment);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Makes a commit; the same inputs give the same sha.
 * @param facts `identity` is "Name <address>", author and committer both; `date` is ISO 8601, kept to the second, in UTC
 */
export async function commitTree(
  clone: Clone,
  facts: { tree: string; parents: readonly string[]; message: string; identity: string; date: string },
): Promise<string> {
  const [, name, mail] = /^(.+) <(.+)>$/.exec(facts.identity) ?? [];
  if (!name || !mail) throw new Error(`commit.identity: "${facts.identity}" is no identity; give "Name <address>"`);
  const seconds = Math.floor(Date.parse(facts.date) / 1000);
  if (!Number.isFinite(seconds)) throw new Error(`date: "${facts.date}" is no time; give ISO 8601`);
  const date = `@${seconds} +0000`;
  const output = await gitBytes(clone, ['commit-tree', ...facts.parents.flatMap((parent) => ['-p', parent]), '-F', '-', facts.tree], {
    input: facts.message,
    variables: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: mail,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: mail,
      GIT_COMMITTER_DATE: date,
    },
  });
  return output.toString().trim();
}

/** "<mode> <type> <sha> <size>\t<path>\0" each. */
function parseTree(output: string): TreeFile[] {
  return output
    .split('\0')
    .filter(Boolean)
    .map((entry) => {
      const tab = entry.indexOf('\t');
      const [mode = '', , sha = '', size = ''] = entry.slice(0, tab).split(/ +/);
      return { path: entry.slice(tab + 1), mode, sha, size: size === '-' ? 0 : Number(size) };
    });
}
