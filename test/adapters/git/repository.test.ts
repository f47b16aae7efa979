import { chmod, chown, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDirty, repositoryProblem, resolveBase } from '../../../adapters/git/repository.ts';
import { branchProblem } from '../../../ledger/branch.ts';
import { createRepository, runGit, type TestRepository } from '../../support/repository/repository.ts';

let target: TestRepository;

beforeEach(async () => {
  target = await createRepository({ 'a.txt': 'a', 'sub/b.txt': 'b' });
});

afterEach(() => target.remove());

describe('a repository', () => {
  it('is fine at its top directory, by a link to it, and as a linked worktree', async () => {
    const linked = join(target.path, 'linked');
    await target.git('worktree', 'add', '--quiet', '--detach', linked);
    await symlink(target.path, join(target.path, 'link'));
    for (const path of [target.path, `${target.path}/`, join(target.path, 'link'), linked])
      expect(await repositoryProblem(path), path).toBeNull();
  });

  it('is refused by fact and remedy where the path is something else', async () => {
    const bare = join(target.path, 'bare.git');
    await runGit(target.path, 'init', '--quiet', '--bare', bare);
    const file = join(target.path, 'a.txt');
    const broken = join(target.path, 'broken');
    await runGit(target.path, 'init', '--quiet', broken);
    await writeFile(join(broken, '.git', 'config'), '[broken');
    const problems = await Promise.all(
      [join(target.path, 'none'), file, bare, join(target.path, 'sub'), join(target.path, '.git'), '/', broken].map(
        (path) => repositoryProblem(path),
      ),
    );
    expect(problems).toEqual([
      `repository: ${target.path}/none does not exist; give the path of a git repository on this host`,
      `repository: ${file} is a file; give the repository's top directory`,
      `repository: ${bare} is a bare repository; give a clone of it that has a working tree (git clone ${bare})`,
      `repository: ${target.path}/sub is a directory inside a repository; give its top directory, ${target.path}`,
      `repository: ${target.path}/.git lies inside git's own directory; give the repository's top directory`,
      'repository: / is not a git repository; give the path of one, or make it one (git init, then commit)',
      expect.stringMatching(
        /^repository: .*broken cannot be read \(.*bad config line.*\); correct it so that git status works there$/,
      ),
    ]);
  });

  it('that is a partial clone is refused with what it lacks, and taken once the printed command has run', async () => {
    await target.commit({ 'a.txt': 'b' }, 'two');
    await target.git('config', 'uploadpack.allowFilter', 'true');
    const [partial, whole] = [join(target.path, 'partial'), join(target.path, 'whole')];
    await runGit(target.path, 'clone', '--quiet', '--filter=blob:none', `file://${target.path}`, partial);
    await runGit(target.path, 'clone', '--quiet', '--depth=1', `file://${target.path}`, whole);
    expect(await repositoryProblem(whole)).toBeNull();
    const problem = await repositoryProblem(partial);
    expect(problem).toMatch(
      /^repository: .*partial is a partial clone that lacks 1 objects of its history; bring them/,
    );
    const [, command = ''] = /with: git (.*)$/.exec(problem!) ?? [];
    await runGit(target.path, ...command.split(' '));
    expect(await repositoryProblem(partial)).toBeNull();
  });

  it.runIf(process.geteuid?.() === 0)('of another user is refused with the remedy', async () => {
    await chown(target.path, 12345, 12345);
    await chown(join(target.path, '.git'), 12345, 12345);
    expect(await repositoryProblem(target.path)).toMatch(
      /^repository: .* belongs to another user \(directory: uid 12345; this process: uid 0\); run the loop as its owner, or change the owner/,
    );
  });
});

describe('a base', () => {
  it('is found by any name of a commit, and null for what is none', async () => {
    const head = await target.git('rev-parse', 'HEAD');
    await target.git('tag', '--annotate', '--message', 'v1', 'v1');
    for (const name of ['HEAD', 'main', 'v1', 'refs/heads/main', head, head.slice(0, 8), 'HEAD^0'])
      expect(await resolveBase(target.path, name), name).toBe(head);
    for (const name of [
      'none',
      'HEAD~5',
      'HEAD:a.txt',
      'HEAD^{tree}',
      '--all',
      '-h',
      'f'.repeat(40),
      '',
      'a b',
      'HEAD..HEAD',
      'HEAD@{x',
    ]) {
      expect(await resolveBase(target.path, name), name).toBeNull();
    }
    expect(await resolveBase(await emptyRepository(), 'HEAD')).toBeNull();
  });

  it('is looked up, and the tree checked for uncommitted work, without writing a byte', async () => {
    expect(await isDirty(target.path)).toBe(false);
    // A newer time on the same content: git's own status would refresh the index.
    await utimes(join(target.path, 'a.txt'), new Date(), new Date(Date.now() + 5_000));
    const before = await target.snapshot();
    expect(await isDirty(target.path)).toBe(false);
    await resolveBase(target.path, 'HEAD');
    await repositoryProblem(target.path);
    await branchProblem(target.path, { loopId: 'x', branch: 'x' });
    expect(await target.snapshot()).toEqual(before);
    await writeFile(join(target.path, 'loop.json'), '{}');
    expect(await isDirty(target.path), 'a config alone').toBe(false);
    await rm(join(target.path, 'loop.json'));
    for (const [name, change] of [
      ['untracked', 'new.txt'],
      ['changed', 'a.txt'],
    ] as const) {
      await writeFile(join(target.path, change), name);
      expect(await isDirty(target.path), name).toBe(true);
      await target.git('add', '--all');
      expect(await isDirty(target.path), `${name}, staged`).toBe(true);
      await target.git('commit', '--quiet', '--message', name);
    }
    await chmod(join(target.path, 'a.txt'), 0o755);
    expect(await isDirty(target.path)).toBe(true);
  });
});

describe('a results branch', () => {
  const loopId = 'demo-1';
  const branch = 'karpathy-loop/demo-1';

  it('is fine where nothing has its name, and where it is of this loop', async () => {
    await target.git('branch', 'karpathy-loop-other');
    await target.git('branch', 'karpathy-loop/demo-12');
    expect(await branchProblem(target.path, { loopId, branch })).toBeNull();
    await target.git('branch', branch);
    await target.git('update-ref', `refs/karpathy-loop/${loopId}/ledger`, 'HEAD');
    expect(await branchProblem(target.path, { loopId, branch })).toBeNull();
  });

  it.each([
    [
      'karpathy-loop',
      /"karpathy-loop\/demo-1" cannot be made beside the branch "karpathy-loop" of .*; set "branch" to another name, or rename that one \(git branch -m karpathy-loop <name>\)$/,
    ],
    ['karpathy-loop/demo-1/deep/er', /cannot be made beside the branch "karpathy-loop\/demo-1\/deep\/er"/],
    ['karpathy-loop/demo-1', /"karpathy-loop\/demo-1" is in .* already and not of this loop; set "branch"/],
  ])('is refused beside a branch %s of the user, packed or not', async (name, message) => {
    await target.git('branch', name);
    expect(await branchProblem(target.path, { loopId, branch })).toMatch(message);
    await target.git('pack-refs', '--all');
    expect(await branchProblem(target.path, { loopId, branch })).toMatch(/^branch: /);
  });
});

async function emptyRepository(): Promise<string> {
  const path = join(target.path, 'empty');
  await mkdir(path);
  await runGit(path, 'init', '--quiet');
  return path;
}
