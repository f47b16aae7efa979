import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLedger } from '../../ledger/ledger.ts';
import { commonDirectory, readRefFiles } from '../../adapters/git/ref-files.ts';
import { listRefs, readRef } from '../../adapters/git/refs.ts';
import { isCheckedOut } from '../../adapters/git/worktrees.ts';
import { createRepository, type TestRepository } from '../support/repository/repository.ts';

let target: TestRepository;

beforeEach(async () => {
  target = await createRepository({ 'a.txt': 'a' });
});

afterEach(async () => {
  await target.remove();
});

const names = [
  'refs/heads/main',
  'refs/heads/a',
  'refs/heads/a/b',
  'refs/heads/deep/er',
  'refs/tags/told',
  'heads/main',
  'refs/heads/refs/heads/main',
];

async function asGitSays(): Promise<Map<string, string>> {
  const all = new Map((await listRefs(target.path, names)).map(({ name, sha }) => [name, sha]));
  return new Map(names.flatMap((name) => (all.has(name) ? [[name, all.get(name)!]] : [])));
}

describe('refs read from git’s files are what git says', () => {
  it('loose and packed, one the ending of another, a folder in place of a ref, an annotated tag, and none', async () => {
    await target.git('branch', 'a/b');
    await target.git('update-ref', 'refs/heads/refs/heads/main', 'HEAD');
    await target.git('tag', '--annotate', '--message=told', 'told');
    for (const change of [
      [],
      ['pack-refs', '--all'],
      ['commit', '--quiet', '--allow-empty', '-m', 'next'],
      ['branch', 'deep/er'],
      ['branch', '-D', 'a/b'],
      ['branch', 'a'],
    ]) {
      if (change.length > 0) await target.git(...change);
      expect(await readRefFiles(target.path, names)).toEqual(await asGitSays());
    }
  });

  it('of a symbolic and of a broken ref, and of another storage, only git tells', async () => {
    await target.git('symbolic-ref', 'refs/heads/a', 'refs/heads/main');
    expect(await readRefFiles(target.path, ['refs/heads/a'])).toBeNull();
    expect(await readRef(target.path, 'refs/heads/a')).toBe((await target.git('rev-parse', 'main')).trim());
    await writeFile(join(target.path, '.git/refs/heads/broken'), '');
    expect(await readRefFiles(target.path, ['refs/heads/broken'])).toBeNull();
    expect(await readRefFiles(target.path, ['refs/heads/main'])).not.toBeNull();
    await mkdir(join(target.path, '.git/reftable'));
    expect(await readRefFiles(target.path, ['refs/heads/main'])).toBeNull();
  });

  it('in a linked worktree too, also when its place becomes a repository of its own', async () => {
    const linked = join(target.path, 'linked');
    await target.git('worktree', 'add', '--quiet', '--detach', linked);
    await target.git('pack-refs', '--all');
    await target.git('update-ref', `refs/karpathy-loop/some/ledger`, 'HEAD');
    expect((await readLedger({ directory: await commonDirectory(linked) }, 'some')).head).toBe(
      await target.git('rev-parse', 'HEAD'),
    );
    await target.git('worktree', 'remove', linked);
    await target.git('init', '--quiet', '--initial-branch=other', linked);
    expect(await readRef(linked, 'refs/heads/main')).toBeNull();
  });

  it('a name that leads elsewhere is left to git, and so is a damaged file of packed refs', async () => {
    await writeFile(join(target.path, 'secret'), await target.git('rev-parse', 'HEAD'));
    expect(await readRefFiles(target.path, ['refs/heads/../../../secret'])).toBeNull();
    await target.git('pack-refs', '--all');
    const packed = join(target.path, '.git/packed-refs');
    for (const damaged of ['0000000 refs/heads/main\n', (await readFile(packed, 'utf8')).trimEnd(), '\0\n']) {
      await writeFile(packed, damaged);
      expect(await readRefFiles(target.path, ['refs/heads/main'])).toBeNull();
    }
  });

  it('a ref that has moved is read anew', async () => {
    const before = await readRef(target.path, 'refs/heads/main');
    await target.git('commit', '--quiet', '--allow-empty', '-m', 'next');
    expect(await readRef(target.path, 'refs/heads/main')).not.toBe(before);
    expect(await readRef(target.path, 'refs/heads/none')).toBeNull();
  });
});

it('a branch to which HEAD leads by a symbolic ref is checked out', async () => {
  await target.git('branch', 'results');
  expect(await isCheckedOut(target.path, 'results')).toBe(false);
  await target.git('symbolic-ref', 'refs/heads/alias', 'refs/heads/results');
  await target.git('symbolic-ref', 'HEAD', 'refs/heads/alias');
  expect(await target.git('worktree', 'list', '--porcelain')).toContain('branch refs/heads/results');
  expect(await isCheckedOut(target.path, 'results')).toBe(true);
});
