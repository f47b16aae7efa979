import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';

export interface TestRepository {
  /** Real path of the working tree. */
  path: string;
  /** Writes the files, commits everything that is there, and returns the sha. */
  commit(files: Record<string, string>, message: string): Promise<string>;
  /** Trimmed standard output of git in the working tree, with a fixed environment. */
  git(...args: string[]): Promise<string>;
  snapshot(): Promise<RepositorySnapshot>;
  remove(): Promise<void>;
}

/** All that a loop must leave alone. Taken without git writing anything, the index neither. */
export interface RepositorySnapshot {
  /** Path to mode and content's digest (of a link: where it points), .git left out. */
  workingTree: Record<string, string>;
  /** The same for everything in .git (index, HEAD, config, hooks, packed-refs, logs, worktrees, …) but objects and loose refs. */
  gitDirectory: Record<string, string>;
  /** Full name to sha (of a symbolic ref: its target too). */
  refs: Record<string, string>;
}

/** A temporary repository with one commit of these files on the branch `main`. */
export async function createRepository(files: Record<string, string>): Promise<TestRepository> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'target-')));
  const git = (...args: string[]) => runGit(path, ...args);
  const commit = async (changes: Record<string, string>, message: string) => {
    for (const [name, content] of Object.entries(changes)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), content);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--no-verify', '--allow-empty', '--message', message);
    return git('rev-parse', 'HEAD');
  };
  await git('init', '--quiet', '--initial-branch=main');
  await commit(files, 'Begin');
  return {
    path,
    commit,
    git,
    snapshot: () => takeSnapshot(path),
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/**
 * Returns a snapshot without the refs that a loop may move, its own and its results branch. Two of these must be
 * equal.
 */
export function withoutLoopRefs(snapshot: RepositorySnapshot, branch: string): RepositorySnapshot {
  const kept = Object.entries(snapshot.refs).filter(
    ([name]) => !name.startsWith('refs/karpathy-loop/') && name !== `refs/heads/${branch}`,
  );
  return { ...snapshot, refs: Object.fromEntries(kept) };
}

/** Git in any directory, as in the repository's own `git`. */
export async function runGit(directory: string, ...args: string[]): Promise<string> {
  const environment = {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_EDITOR: 'true',
    LC_ALL: 'C',
  };
  const people = {
    GIT_AUTHOR_NAME: 'Tester',
    GIT_AUTHOR_EMAIL: 'tester@localhost',
    GIT_COMMITTER_NAME: 'Tester',
    GIT_COMMITTER_EMAIL: 'tester@localhost',
  };
  const { stdout } = await execa('git', args, {
    cwd: directory,
    extendEnv: false,
    env: { PATH: process.env['PATH'], ...environment, ...people },
  });
  return stdout.trim();
}

async function takeSnapshot(path: string): Promise<RepositorySnapshot> {
  const gitDirectory = join(path, '.git');
  const lines = (await runGit(path, 'for-each-ref', '--format=%(refname) %(objectname) %(symref)'))
    .split('\n')
    .filter(Boolean);
  return {
    workingTree: await digestFiles(path, (name) => name === '.git'),
    gitDirectory: await digestFiles(gitDirectory, (name) => name === 'objects' || name === 'refs'),
    refs: Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]),
    ),
  };
}

async function digestFiles(root: string, isLeftOut: (name: string) => boolean): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  const visit = async (directory: string): Promise<void> => {
    for (const entry of (await readdir(directory)).sort()) {
      const path = join(directory, entry);
      const name = relative(root, path);
      if (isLeftOut(name)) continue;
      const { mode } = await lstat(path);
      const kind = mode & 0o170000;
      if (kind === 0o040000) await visit(path);
      else
        digests[name] =
          `${mode.toString(8)} ${kind === 0o120000 ? await readlink(path) : digest(await readFile(path))}`;
    }
  };
  await visit(root);
  return digests;
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
