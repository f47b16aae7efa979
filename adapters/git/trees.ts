import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitBytes, type Clone } from './command.ts';
import { createCache, type Cache } from '../cache.ts';

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
export async function listFiles(clone: Clone, treeish: string): Promise<readonly TreeFile[]> {
  return lookUp(lists, clone, treeish, async () =>
    parseTree(await git(clone, ['ls-tree', '-r', '-l', '-z', '--full-tree', '--end-of-options', treeish])),
  );
}

/** Few, since each may be long: those of base, champion and candidate for two loops at once. */
const lists = createCache({ max: 6 });
const trees = createCache({ max: 1_000 });
const entries = createCache({ max: 1_000 });

/** Asks git once where a full object id is given: a ref may lead elsewhere tomorrow. */
function lookUp<T>(cache: Cache, { directory }: Clone, treeish: string, find: () => Promise<T>): Promise<T> {
  return /^([0-9a-f]{40}|[0-9a-f]{64})( .*)?$/s.test(treeish) ? cache(`${directory} ${treeish}`, find) : find();
}

/** The entry at a path, or null. */
export async function entryAt(clone: Clone, treeish: string, path: string): Promise<TreeFile | null> {
  const find = async () => {
    const args = ['ls-tree', '-l', '-z', '--full-tree', '--end-of-options', treeish, '--', path];
    return parseTree(await git(clone, args)).find((entry) => entry.path === path) ?? null;
  };
  return lookUp(entries, clone, `${treeish} ${path}`, find);
}

/** The content of a file (of a link: where it points), or null where there is none at this path. */
export async function readFile(clone: Clone, treeish: string, path: string): Promise<Buffer | null> {
  const entry = await entryAt(clone, treeish, path);
  return entry && /^1[02]/.test(entry.mode) ? gitBytes(clone, ['cat-file', 'blob', entry.sha]) : null;
}

/** Mostly sources of the champion, which every iteration reads more than once. */
const blobs = createCache({ max: 250, sizeOf: (blob) => (blob as Buffer).length, maxBytes: 64 * 1024 });

/** Reads the contents of files of a tree, by object id. */
export function readFiles(clone: Clone, files: readonly Pick<TreeFile, 'sha'>[]): Promise<Map<string, Buffer>> {
  return readBlobs(clone, new Set(files.map(({ sha }) => sha)));
}

/** The contents of blobs by sha, read by one git. @throws where one is missing */
export async function readBlobs(clone: Clone, shas: Iterable<string>): Promise<Map<string, Buffer>> {
  const missing: string[] = [];
  // Once all that are not known have been found out.
  const reading = Promise.resolve().then(() => readAll(clone, missing));
  const found = [...new Set(shas)].map(async (sha) => {
    const find = async () => {
      missing.push(sha);
      return (await reading).get(sha)!;
    };
    return [sha, await blobs(`${clone.directory} ${sha}`, find)] as const;
  });
  return new Map(await Promise.all(found));
}

async function readAll(clone: Clone, wanted: readonly string[]): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  if (wanted.length === 0) return contents;
  const output = await gitBytes(clone, ['cat-file', '--batch'], { input: `${wanted.join('\n')}\n` });
  for (let at = 0; at < output.length;) {
    // "<sha> <type> <size>\n<content>\n" each.
    const end = output.indexOf(10, at);
    const [sha = '', type, size = ''] = output.subarray(at, end).toString().split(' ');
    if (type !== 'blob') throw new Error(`git cat-file: ${sha} is ${type ?? 'unreadable'}, not a file`);
    // A copy of its own, since one that is kept would keep all of the output, or of the pool that small ones share.
    const content = Buffer.allocUnsafeSlow(Number(size));
    output.copy(content, 0, end + 1);
    contents.set(sha, content);
    at = end + Number(size) + 2;
  }
  return contents;
}

/** The tree of a commit (of a tree: itself). */
export async function treeOf(clone: Clone, treeish: string): Promise<string> {
  return lookUp(trees, clone, treeish, async () =>
    (await git(clone, ['rev-parse', '--verify', '--end-of-options', `${treeish}^{tree}`])).trim(),
  );
}

/** Returns the changes from one tree to another, as `git apply` takes them. */
export async function diffTrees(clone: Clone, from: string, to: string): Promise<string> {
  const options = '-r -p --binary --no-ext-diff --no-textconv --no-renames --no-color --end-of-options'.split(' ');
  return git(clone, ['diff-tree', ...options, from, to]);
}

/** Paths at which two trees have other content or another mode. */
export async function changedPaths(clone: Clone, from: string, to: string): Promise<string[]> {
  return (await git(clone, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--end-of-options', from, to]))
    .split('\0')
    .filter(Boolean);
}

/** A tree with these files put into another; a file that is there keeps its mode, a new one gets 100644. */
export async function writeTree(
  clone: Clone,
  base: string,
  changes: readonly { path: string; content: Uint8Array | string }[],
): Promise<string> {
  const modeOf = async ({ path }: (typeof changes)[number]) => {
    const mode = (await entryAt(clone, base, path))?.mode ?? '100644';
    if (!mode.startsWith('100'))
      throw new Error(`${path}: is a directory, link or submodule; change regular files only`);
    return mode;
  };
  const modes = await Promise.all(changes.map(modeOf));
  // --index-info would not do: it leaves out a bad path, and replaces a file by a directory, without an error.
  const hash = async ({ path, content }: (typeof changes)[number], at: number) => {
    const sha = await gitBytes(clone, ['hash-object', '-w', '--no-filters', '--stdin'], { input: content });
    return ['--cacheinfo', `${modes[at]},${sha.toString().trim()},${path}`];
  };
  const hashing = Promise.all(changes.map(hash));
  // Awaited below, unless the index fails first.
  hashing.catch(() => undefined);
  const tree = await withIndex(clone, base, async (index) => {
    const added = (await hashing).flat();
    if (added.length > 0) await git(clone, ['update-index', '--add', ...added], index);
    return (await git(clone, ['write-tree'], index)).trim();
  });
  await lookUp(trees, clone, tree, () => Promise.resolve(tree));
  return tree;
}

/** Gives `use` the environment of a temporary index that holds a tree. */
export async function withIndex<T>(
  clone: Clone,
  treeish: string,
  use: (environment: { GIT_INDEX_FILE: string }) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(clone.directory, 'index-'));
  const environment = { GIT_INDEX_FILE: join(directory, 'index') };
  try {
    await git(clone, ['read-tree', treeish], environment);
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
  const { name, mail, seconds } = authorOf(facts);
  const date = `@${seconds} +0000`;
  const output = await gitBytes(
    clone,
    ['commit-tree', ...facts.parents.flatMap((parent) => ['-p', parent]), '-F', '-', facts.tree],
    {
      input: facts.message,
      variables: {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: mail,
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: mail,
        GIT_COMMITTER_DATE: date,
      },
    },
  );
  return output.toString().trim();
}

/** Who made a commit and when, in seconds of Unix time. @throws where that cannot be read */
export function authorOf(facts: { identity: string; date: string }): { name: string; mail: string; seconds: number } {
  const [, name, mail] = /^(.+) <(.+)>$/.exec(facts.identity) ?? [];
  if (!name || !mail) throw new Error(`commit.identity: "${facts.identity}" is no identity; give "Name <address>"`);
  const seconds = Math.floor(Date.parse(facts.date) / 1000);
  if (!Number.isFinite(seconds)) throw new Error(`date: "${facts.date}" is no time; give ISO 8601`);
  return { name, mail, seconds };
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

/** Returns null for what is no text in UTF-8: it could not be written back as it was. */
export function textOf(bytes: Buffer): string | null {
  const content = bytes.toString('utf8');
  return content.includes('\0') || !Buffer.from(content, 'utf8').equals(bytes) ? null : content;
}
