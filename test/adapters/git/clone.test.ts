import { execa } from 'execa';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchCommits, openClone } from '../../../adapters/git/clone.ts';
import { git, GitFailure, gitBytes, type Clone } from '../../../adapters/git/command.ts';
import { exportTree } from '../../../adapters/git/export.ts';
import {
  commitTree,
  diffTrees,
  listFiles,
  readFile as readBlob,
  treeOf,
  writeTree,
} from '../../../adapters/git/trees.ts';
import { createRepository, runGit, type TestRepository } from '../../support/repository/repository.ts';

let target: TestRepository;
let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'data-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await target.remove();
  await rm(data, { recursive: true, force: true });
});

/** The target's HEAD in a clone of ours. */
async function cloned(files: Record<string, string>): Promise<{ clone: Clone; sha: string }> {
  target = await createRepository(files);
  return fetched();
}

async function fetched(): Promise<{ clone: Clone; sha: string }> {
  const clone = await openClone(data, target.path);
  const sha = await target.git('rev-parse', 'HEAD');
  await fetchCommits(clone, target.path, [sha]);
  return { clone, sha };
}

describe('a clone', () => {
  it('is made once, complete, when ten callers open it at the same time', async () => {
    target = await createRepository({ 'a.txt': 'a' });
    const clones = await Promise.all(Array.from({ length: 10 }, () => openClone(data, target.path)));
    expect(new Set(clones.map(({ directory }) => directory)).size).toBe(1);
    expect(await readdir(join(data, 'clones'))).toHaveLength(1);
    expect((await git(clones[0]!, ['config', 'gc.auto'])).trim()).toBe('0');
    await fetchCommits(clones[0]!, target.path, [await target.git('rev-parse', 'HEAD')]);
  });

  it('of one repository is not that of another with the same name', async () => {
    target = await createRepository({ 'a.txt': 'a' });
    const nested = join(target.path, 'nested', target.path.split('/').at(-1)!);
    await runGit(target.path, 'init', '--quiet', nested);
    expect((await openClone(data, nested)).directory).not.toBe((await openClone(data, target.path)).directory);
  });

  it('has every object of a commit by its sha, also of one that no ref names, and of a repository with packed refs', async () => {
    target = await createRepository({ 'a.txt': 'a' });
    const lost = await target.commit({ 'b.txt': 'b' }, 'Soon lost');
    await target.git('reset', '--quiet', '--hard', 'HEAD~1');
    await target.git('pack-refs', '--all');
    const clone = await openClone(data, target.path);
    const before = await target.snapshot();
    await fetchCommits(clone, target.path, [lost]);
    expect((await readBlob(clone, lost, 'b.txt'))?.toString()).toBe('b');
    expect(await git(clone, ['fsck', '--connectivity-only'])).not.toMatch(/missing/);
    expect(await target.snapshot()).toEqual(before);
  });

  it('of a shallow repository works, and so does one of a linked worktree', async () => {
    const { sha } = await cloned({ 'a.txt': 'a' });
    await target.commit({ 'b.txt': 'b' }, 'Second');
    const shallow = join(data, 'shallow');
    await runGit(data, 'clone', '--quiet', '--depth=1', `file://${target.path}`, shallow);
    const head = await runGit(shallow, 'rev-parse', 'HEAD');
    const shallowClone = await openClone(data, shallow);
    await fetchCommits(shallowClone, shallow, [head]);
    expect((await readBlob(shallowClone, head, 'b.txt'))?.toString()).toBe('b');
    const linked = join(data, 'linked');
    await target.git('worktree', 'add', '--quiet', '--detach', linked, sha);
    const linkedClone = await openClone(data, linked);
    await fetchCommits(linkedClone, linked, [sha]);
    expect(await treeOf(linkedClone, sha)).toBe(await target.git('rev-parse', `${sha}^{tree}`));
  });

  it('of a sha256 repository has sha256 objects', async () => {
    target = await createRepository({ 'a.txt': 'a' });
    const other = join(data, 'sha256');
    await runGit(data, 'init', '--quiet', '--object-format=sha256', other);
    await runGit(other, 'commit', '--quiet', '--allow-empty', '--message', 'Begin');
    const sha = await runGit(other, 'rev-parse', 'HEAD');
    const clone = await openClone(data, other);
    await fetchCommits(clone, other, [sha]);
    expect(await treeOf(clone, sha)).toHaveLength(64);
  });
});

describe('a command', () => {
  it('takes nothing from the environment or settings of the caller', async () => {
    const { clone, sha } = await cloned({ 'a.txt': 'a' });
    await writeFile(join(data, 'gitconfig'), '[user]\n\tname = Caller\n');
    const trap = {
      GIT_DIR: '/nonexistent',
      GIT_INDEX_FILE: '/nonexistent/index',
      GIT_CONFIG_GLOBAL: join(data, 'gitconfig'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'user.name',
      GIT_CONFIG_VALUE_0: 'Caller',
    };
    for (const [name, value] of Object.entries(trap)) vi.stubEnv(name, value);
    expect(await treeOf(clone, sha)).toHaveLength(40);
    expect(await git(target.path, ['config', '--list'])).not.toMatch(/Caller/);
    expect((await gitBytes(target.path, ['config', '--list'])).toString()).not.toMatch(/Caller/);
  });

  it('that fails without a word is still an error', async () => {
    const { clone } = await cloned({ 'a.txt': 'a' });
    const missing = git(clone, ['rev-parse', '--verify', '--quiet', 'refs/heads/none']);
    await expect(missing).rejects.toSatisfy((error) => error instanceof GitFailure && error.exitCode === 1);
    await expect(gitBytes(clone, ['cat-file', 'blob', 'nothing'])).rejects.toThrow(/^git cat-file in .*: fatal: /);
  });

  it('says so in one line where git is not installed', async () => {
    const { clone } = await cloned({ 'a.txt': 'a' });
    vi.stubEnv('PATH', data);
    await expect(git(clone, ['version'])).rejects.toThrow('git: is not found on the PATH; install git');
    await expect(gitBytes(clone, ['version'])).rejects.toThrow('git: is not found on the PATH; install git');
  });
});

const oddNames = [
  'with space.txt',
  'ünïcödé-名.txt',
  'new\nline.txt',
  'quote"and\\slash.txt',
  ':colon',
  '-dash',
  'star*[x].txt',
  'dir/ab',
];

describe('a tree', () => {
  it('lists and reads files whatever their names', async () => {
    const { clone, sha } = await cloned(Object.fromEntries(oddNames.map((name) => [name, `content of ${name}`])));
    const files = await listFiles(clone, sha);
    expect(files.map(({ path }) => path).sort()).toEqual([...oddNames].sort());
    for (const name of oddNames)
      expect((await readBlob(clone, sha, name))?.toString(), name).toBe(`content of ${name}`);
    expect(files.find(({ path }) => path === 'dir/ab')).toMatchObject({
      mode: '100644',
      size: 'content of dir/ab'.length,
    });
    for (const missing of ['none', 'dir', 'dir/a', 'star*', '../x', ''])
      expect(await readBlob(clone, sha, missing).catch(() => null), missing).toBeNull();
    await expect(listFiles(clone, 'f'.repeat(40))).rejects.toThrow(GitFailure);
  });

  it('is written with the changes only: modes stay, new files are plain, bytes are kept', async () => {
    target = await createRepository({ 'run.sh': 'old', 'a/b.txt': 'b', 'text.txt': 'x' });
    await chmod(join(target.path, 'run.sh'), 0o755);
    await target.commit({ '.gitattributes': '* text=auto eol=crlf\n' }, 'Make it executable');
    const { clone, sha } = await fetched();
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    const changes = [
      { path: 'run.sh', content: 'new' },
      { path: 'a/deep/new "file".bin', content: bytes },
      { path: 'a/b.txt', content: 'one\r\ntwo\r\n' },
    ];
    const tree = await writeTree(clone, sha, changes);
    expect(await writeTree(clone, sha, changes)).toBe(tree);
    const files = new Map((await listFiles(clone, tree)).map((file) => [file.path, file.mode]));
    expect(files.get('run.sh')).toBe('100755');
    expect(files.get('a/deep/new "file".bin')).toBe('100644');
    expect(files.size).toBe(5);
    expect(await readBlob(clone, tree, 'a/deep/new "file".bin')).toEqual(bytes);
    expect((await readBlob(clone, tree, 'a/b.txt'))?.toString()).toBe('one\r\ntwo\r\n');
    expect(await writeTree(clone, sha, [])).toBe(await treeOf(clone, sha));
  });

  it('refuses a change of what is not a regular file, and paths that lead out or into .git', async () => {
    target = await createRepository({ 'a/b.txt': 'b' });
    await symlink('a/b.txt', join(target.path, 'link'));
    await target.commit({}, 'Link');
    const { clone, sha } = await fetched();
    for (const path of ['link', 'a'])
      await expect(writeTree(clone, sha, [{ path, content: 'x' }]), path).rejects.toThrow(/regular files only/);
    for (const path of ['../out', '.git/config', 'a/.git/hooks/x', 'a/b.txt/c', '/etc/x'])
      await expect(writeTree(clone, sha, [{ path, content: 'x' }]), path).rejects.toThrow();
  });

  it('differs from another by a diff that git apply takes, binary files too', async () => {
    const { clone, sha } = await cloned({ 'a.txt': 'one\ntwo\n', '.gitattributes': '*.txt diff=evil\n' });
    await runGit(clone.directory, 'config', 'diff.external', 'false');
    const tree = await writeTree(clone, sha, [
      { path: 'a.txt', content: 'one\n2\n' },
      { path: 'b.bin', content: Buffer.from([0, 1, 2]) },
    ]);
    const diff = await diffTrees(clone, sha, tree);
    expect(diff).toContain('-two\n+2\n');
    await execa('git', ['apply'], { cwd: target.path, input: diff, stripFinalNewline: false });
    expect(await readFile(join(target.path, 'b.bin'))).toEqual(Buffer.from([0, 1, 2]));
    expect(await diffTrees(clone, sha, sha)).toBe('');
  });

  it('becomes the same commit from the same facts, and another one from others', async () => {
    const { clone, sha } = await cloned({ 'a.txt': 'a' });
    const facts = {
      tree: await treeOf(clone, sha),
      parents: [sha],
      message: 'Größer\n\nWhy.\n\nLoop: x\n',
      identity: 'Jane Q. Doe <jane@example.org>',
      date: '2026-01-02T03:04:05.678Z',
    };
    const commit = await commitTree(clone, facts);
    expect(await commitTree(clone, facts)).toBe(commit);
    const others = [
      { ...facts, date: '2026-01-02T03:04:06Z' },
      { ...facts, message: 'Other\n' },
      { ...facts, parents: [] },
      { ...facts, identity: 'X <x@y>' },
    ];
    for (const other of others) expect(await commitTree(clone, other)).not.toBe(commit);
    const shown = await git(clone, ['log', '-1', '--format=%an <%ae> %aI|%cn <%ce> %cI|%P|%B', commit]);
    expect(shown.trim()).toBe(
      `Jane Q. Doe <jane@example.org> 2026-01-02T03:04:05+00:00|Jane Q. Doe <jane@example.org> 2026-01-02T03:04:05+00:00|${sha}|Größer\n\nWhy.\n\nLoop: x`,
    );
    await expect(commitTree(clone, { ...facts, date: 'yesterday' })).rejects.toThrow(/ISO 8601/);
    await expect(commitTree(clone, { ...facts, identity: 'nobody' })).rejects.toThrow(/Name <address>/);
  });
});

describe('an export', () => {
  it('has every file as a checkout has it, also those that an archive leaves out, and no .git', async () => {
    target = await createRepository({
      ...Object.fromEntries(oddNames.map((name) => [name, name])),
      '.gitattributes': 'dropped.txt export-ignore\nsubst.txt export-subst\n*.bin filter=trap\n',
      'dropped.txt': 'kept',
      'subst.txt': '$Format:%H$',
      'filtered.bin': 'raw',
      'bin/run.sh': '#!/bin/sh\n',
    });
    await chmod(join(target.path, 'bin/run.sh'), 0o755);
    await symlink('../dropped.txt', join(target.path, 'bin/link'));
    await target.git('config', 'filter.trap.smudge', `touch ${join(data, 'smudged')}`);
    await target.commit({}, 'Modes');
    const { clone, sha } = await fetched();
    const directory = join(data, 'exports', 'one');
    await exportTree(clone, sha, directory);
    const listed = await readdir(directory, { recursive: true });
    expect(listed).toEqual(expect.arrayContaining([...oddNames, 'dropped.txt', 'subst.txt', 'bin/run.sh', 'bin/link']));
    expect(listed.some((name) => name.includes('.git') && !name.endsWith('.gitattributes'))).toBe(false);
    expect(await readFile(join(directory, 'subst.txt'), 'utf8')).toBe('$Format:%H$');
    expect((await stat(join(directory, 'bin/run.sh'))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(directory, 'bin/link'))).toBe('../dropped.txt');
    await expect(stat(join(data, 'smudged'))).rejects.toThrow();
    expect((await readdir(clone.directory)).filter((name) => name.startsWith('index'))).toEqual([]);
  });

  it('can be read by every user under a strict umask, and its parents passed', async () => {
    const { clone, sha } = await cloned({ 'deep/er/a.txt': 'a' });
    const before = process.umask(0o077);
    const directory = join(data, 'x', 'y', 'export');
    try {
      await exportTree(clone, sha, directory);
    } finally {
      process.umask(before);
    }
    const mode = async (...path: string[]) => (await lstat(join(data, ...path))).mode & 0o777;
    expect([
      await mode('x/y/export'),
      await mode('x/y/export/deep'),
      await mode('x/y/export/deep/er'),
      await mode('x/y/export/deep/er/a.txt'),
    ]).toEqual([0o755, 0o755, 0o755, 0o644]);
    if (process.geteuid?.() === 0) expect([await mode('x'), await mode('x/y')]).toEqual([0o711, 0o711]);
  });

  it('is made once: it stays as it is, and of many callers at once none fails', async () => {
    const { clone, sha } = await cloned({ 'a.txt': 'a' });
    const directory = join(data, 'exports', 'one');
    await Promise.all(Array.from({ length: 5 }, () => exportTree(clone, sha, directory)));
    await mkdir(join(directory, 'node_modules'));
    await exportTree(clone, sha, directory);
    expect((await readdir(directory)).sort()).toEqual(['a.txt', 'node_modules']);
    expect(await readdir(join(data, 'exports'))).toEqual(['one']);
    await expect(exportTree(clone, 'f'.repeat(40), join(data, 'exports', 'none'))).rejects.toThrow(GitFailure);
    expect(await readdir(join(data, 'exports'))).toEqual(['one']);
  });

  it('of an empty tree is an empty directory, for two callers too', async () => {
    const { clone, sha } = await cloned({ 'a.txt': 'a' });
    void sha;
    const empty = (await gitBytes(clone, ['mktree'])).toString().trim();
    await Promise.all([exportTree(clone, empty, join(data, 'empty')), exportTree(clone, empty, join(data, 'empty'))]);
    expect(await readdir(join(data, 'empty'))).toEqual([]);
  });
});
