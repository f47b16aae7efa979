import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchCommits, openClone } from '../../adapters/git/clone.ts';
import { syncLoop } from '../../ledger/sync.ts';
import type { Clone } from '../../adapters/git/command.ts';
import { ledgerCommit, readLedger } from '../../ledger/ledger.ts';
import { publish, type Publication, type PublishResult } from '../../ledger/publish.ts';
import { championOf } from '../../ledger/refs.ts';
import { isDirty, resolveBase } from '../../adapters/git/repository.ts';
import { commitTree, writeTree } from '../../adapters/git/trees.ts';
import type { Plan } from '../../domain/config/plan.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { createRepository, runGit, withoutLoopRefs, type TestRepository } from '../support/repository/repository.ts';
import { plantHooks } from '../support/repository/planted-hooks.ts';

const loopId = 'demo-12345678';
const branch = `karpathy-loop/${loopId}`;
const own = `refs/karpathy-loop/${loopId}`;
const identity = 'Karpathy Loop <loop@localhost>';
const date = '2026-01-01T00:00:00Z';

let target: TestRepository;
let data: string;
let clone: Clone;
let base: string;

beforeEach(async () => {
  target = await createRepository({ 'a.txt': 'a', 'src/b.txt': 'b' });
  data = await mkdtemp(join(tmpdir(), 'data-'));
  await begin(data);
});

afterEach(async () => {
  await target.remove();
  await rm(data, { recursive: true, force: true });
});

async function begin(dataDirectory: string): Promise<void> {
  clone = await openClone(dataDirectory, target.path);
  base = (await resolveBase(target.path, 'HEAD'))!;
  await fetchCommits(clone, target.path, [base]);
  await syncLoop(clone, target.path, { loopId, branch });
}

/** A commit of the loop in its clone; not published. */
async function candidate(parent: string, content: string): Promise<string> {
  const tree = await writeTree(clone, parent, [{ path: 'src/b.txt', content }]);
  return commitTree(clone, { tree, parents: [parent], message: `${content}\n`, identity, date });
}

async function nextLedger(head: string | null, iteration?: number): Promise<string> {
  const record =
    iteration === undefined
      ? undefined
      : ({
          version: 1,
          loopId,
          iteration,
          outcome: 'committed',
          reason: null,
          model: 'm',
          detail: '',
        } as IterationRecord);
  return ledgerCommit(clone, head, {
    loopId,
    plan: { version: 1, loopId } as Plan,
    ...(record ? { record } : {}),
    identity,
    date,
  });
}

function publishIt(ledger: Publication['ledger'], champion: Publication['champion'] = null): Promise<PublishResult> {
  return publish(clone, target.path, { loopId, branch, ledger, champion });
}

/** A loop with a ledger and one commit on its branch. */
async function begun(): Promise<{ head: string; first: string }> {
  const first = await candidate(base, 'first');
  const head = await nextLedger(null, 1);
  expect(await publishIt({ old: null, new: head }, { old: base, new: first })).toEqual({
    kind: 'published',
    branchPending: null,
  });
  return { head, first };
}

/** Staged, unstaged and untracked work, and a file that only looks changed until the index is refreshed. */
async function makeDirty(): Promise<void> {
  await writeFile(join(target.path, 'staged.txt'), 'staged');
  await target.git('add', 'staged.txt');
  await writeFile(join(target.path, 'a.txt'), 'unstaged');
  await writeFile(join(target.path, 'untracked.txt'), 'untracked');
  await writeFile(join(target.path, 'src/b.txt'), await readFile(join(target.path, 'src/b.txt')));
}

describe('the repository', () => {
  it('is the same but for our refs, and no hook of it has run, after a loop beside uncommitted work', async () => {
    await target.git('tag', 'v1');
    await target.git('pack-refs', '--all');
    await target.git('branch', 'other');
    await makeDirty();
    const ran = await plantHooks(target);
    const before = await target.snapshot();
    expect(await isDirty(target.path)).toBe(true);
    await begin(join(data, 'second'));
    const { head, first } = await begun();
    const second = await candidate(first, 'second');
    const next = await nextLedger(head, 2);
    await publishIt({ old: head, new: next }, { old: first, new: second });
    await syncLoop(await openClone(join(data, 'third'), target.path), target.path, { loopId, branch });
    expect(await championOf(target.path, { loopId, branch })).toBe(second);
    const after = await target.snapshot();
    expect(withoutLoopRefs(after, branch)).toEqual(before);
    expect(after.refs).toEqual({ ...before.refs, [`refs/heads/${branch}`]: second, [`${own}/ledger`]: next });
    expect(await ran()).toEqual([]);
    expect(await target.git('-c', 'core.hooksPath=/dev/null', 'fsck', '--no-dangling')).toBe('');
  });

  it('is the same while the results branch is checked out in it, with uncommitted work', async () => {
    const { head, first } = await begun();
    await target.git('checkout', '--quiet', branch);
    await makeDirty();
    const ran = await plantHooks(target);
    const before = await target.snapshot();
    const second = await candidate(first, 'second');
    const next = await nextLedger(head, 2);
    expect(await publishIt({ old: head, new: next }, { old: first, new: second })).toEqual({
      kind: 'published',
      branchPending: 'checked out',
    });
    const after = await target.snapshot();
    expect(withoutLoopRefs(after, 'none')).toEqual(withoutLoopRefs(before, 'none'));
    expect(after.refs).toMatchObject({
      [`refs/heads/${branch}`]: first,
      [`${own}/champion`]: second,
      [`${own}/ledger`]: next,
    });
    expect(await championOf(target.path, { loopId, branch })).toBe(second);
    expect(await ran()).toEqual([]);
  });

  it('that is shallow is served, and stays as shallow as it was', async () => {
    await target.commit({ 'c.txt': 'c' }, 'Second');
    const full = target;
    const path = join(data, 'shallow');
    await runGit(data, 'clone', '--quiet', '--depth=1', `file://${full.path}`, path);
    target = { ...full, path, git: (...args) => runGit(path, ...args) };
    await begin(data);
    const shallow = await readFile(join(path, '.git', 'shallow'), 'utf8');
    const { first } = await begun();
    expect(await target.git('rev-list', '--count', branch)).toBe('2');
    expect(await target.git('rev-parse', branch)).toBe(first);
    expect(await readFile(join(path, '.git', 'shallow'), 'utf8')).toBe(shallow);
    target = full;
  });
});

describe('a branch that is checked out', () => {
  it('in a linked worktree is pending too; once free it follows in the same step, and the champion ref goes', async () => {
    const { head, first } = await begun();
    const linked = join(data, 'linked');
    await target.git('worktree', 'add', '--quiet', linked, branch);
    const second = await candidate(first, 'second');
    const h2 = await nextLedger(head, 2);
    expect(await publishIt({ old: head, new: h2 }, { old: first, new: second })).toEqual({
      kind: 'published',
      branchPending: 'checked out',
    });
    const third = await candidate(second, 'third');
    const h3 = await nextLedger(h2, 3);
    expect(await publishIt({ old: h2, new: h3 }, { old: second, new: third })).toEqual({
      kind: 'published',
      branchPending: 'checked out',
    });
    expect(await runGit(linked, 'status', '--porcelain')).toBe('');
    expect(await publishIt({ old: h3, new: h3 })).toEqual({ kind: 'published', branchPending: 'checked out' });
    await target.git('worktree', 'remove', linked);
    expect(await publishIt({ old: h3, new: h3 })).toEqual({ kind: 'published', branchPending: null });
    const { refs } = await target.snapshot();
    expect(refs).toMatchObject({ [`refs/heads/${branch}`]: third, [`${own}/ledger`]: h3 });
    expect(refs).not.toHaveProperty(`${own}/champion`);
    expect(await championOf(target.path, { loopId, branch })).toBe(third);
  });

  it('moves on with the next commit once it is free', async () => {
    const { head, first } = await begun();
    await target.git('checkout', '--quiet', branch);
    const second = await candidate(first, 'second');
    const h2 = await nextLedger(head, 2);
    await publishIt({ old: head, new: h2 }, { old: first, new: second });
    await target.git('checkout', '--quiet', 'main');
    await target.git('pack-refs', '--all');
    const third = await candidate(second, 'third');
    const h3 = await nextLedger(h2, 3);
    expect(await publishIt({ old: h2, new: h3 }, { old: second, new: third })).toEqual({
      kind: 'published',
      branchPending: null,
    });
    const { refs } = await target.snapshot();
    expect(refs[`refs/heads/${branch}`]).toBe(third);
    expect(refs).not.toHaveProperty(`${own}/champion`);
  });

  it('in a worktree whose directory is gone counts as free, unless the worktree is locked', async () => {
    const { head, first } = await begun();
    const linked = join(data, 'linked');
    await target.git('worktree', 'add', '--quiet', linked, branch);
    await target.git('worktree', 'lock', linked);
    await rm(linked, { recursive: true });
    const second = await candidate(first, 'second');
    const h2 = await nextLedger(head, 2);
    expect(await publishIt({ old: head, new: h2 }, { old: first, new: second })).toMatchObject({
      branchPending: 'checked out',
    });
    await target.git('worktree', 'unlock', linked);
    expect(await publishIt({ old: h2, new: h2 })).toMatchObject({ branchPending: null });
    expect(await target.git('rev-parse', branch)).toBe(second);
  });

  it('is pending during a rebase and a bisect of it as well, where HEAD names no branch', async () => {
    const { head, first } = await begun();
    const second = await candidate(first, 'second');
    const h2 = await nextLedger(head, 2);
    await target.git('checkout', '--quiet', branch);
    await target.git('bisect', 'start', 'HEAD', 'main');
    await target.git('checkout', '--quiet', '--detach');
    expect(await publishIt({ old: head, new: h2 }, { old: first, new: second })).toMatchObject({
      branchPending: 'checked out',
    });
    await target.git('bisect', 'reset');
    await expect(target.git('rebase', '--exec', 'false', 'HEAD~1')).rejects.toThrow();
    expect(await target.git('branch', '--show-current')).toBe('');
    expect(await publishIt({ old: h2, new: h2 })).toMatchObject({ branchPending: 'checked out' });
    await target.git('rebase', '--quit');
    await target.git('checkout', '--quiet', 'main');
    expect(await publishIt({ old: h2, new: h2 })).toMatchObject({ branchPending: null });
  });

  it('and has a commit of its user on top is never moved: the next commit of the loop is stale, a record is not', async () => {
    const { head, first } = await begun();
    await target.git('checkout', '--quiet', branch);
    const second = await candidate(first, 'second');
    const h2 = await nextLedger(head, 2);
    await publishIt({ old: head, new: h2 }, { old: first, new: second });
    const users = await target.commit({ 'mine.txt': 'mine' }, 'Mine');
    await target.git('checkout', '--quiet', 'main');
    const before = await target.snapshot();
    const third = await candidate(second, 'third');
    const h3 = await nextLedger(h2, 3);
    expect(await publishIt({ old: h2, new: h3 }, { old: second, new: third })).toMatchObject({
      kind: 'stale',
      what: 'champion',
    });
    expect(await target.snapshot()).toEqual(before);
    expect(await publishIt({ old: h2, new: h3 })).toEqual({ kind: 'published', branchPending: 'moved' });
    expect((await target.snapshot()).refs).toMatchObject({
      [`refs/heads/${branch}`]: users,
      [`${own}/champion`]: second,
      [`${own}/ledger`]: h3,
    });
  });

  it('before it has any commit (unborn) is pending', async () => {
    await target.git('symbolic-ref', 'HEAD', `refs/heads/${branch}`);
    const first = await candidate(base, 'first');
    const head = await nextLedger(null, 1);
    expect(await publishIt({ old: null, new: head }, { old: base, new: first })).toEqual({
      kind: 'published',
      branchPending: 'checked out',
    });
    expect((await target.snapshot()).refs).not.toHaveProperty(`refs/heads/${branch}`);
    await target.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    expect(await publishIt({ old: head, new: head })).toEqual({ kind: 'published', branchPending: null });
    expect(await target.git('rev-parse', branch)).toBe(first);
  });
});

describe('publishing', () => {
  it('again changes nothing and succeeds', async () => {
    const first = await candidate(base, 'first');
    const head = await nextLedger(null, 1);
    await publishIt({ old: null, new: head }, { old: base, new: first });
    const before = await target.snapshot();
    expect(await publishIt({ old: null, new: head }, { old: base, new: first })).toEqual({
      kind: 'published',
      branchPending: null,
    });
    expect(await publishIt({ old: head, new: head }, { old: base, new: first })).toEqual({
      kind: 'published',
      branchPending: null,
    });
    expect(await target.snapshot()).toEqual(before);
  });

  it('goes on over a lock that a killed git left on one of our refs, and waits for one that may be in use', async () => {
    const { head, first } = await begun();
    const [second, h2] = [await candidate(first, 'second'), await nextLedger(head, 2)];
    const lock = join(target.path, '.git/refs/heads', `${branch}.lock`);
    await writeFile(lock, '');
    await expect(publishIt({ old: head, new: h2 }, { old: first, new: second })).rejects.toThrow(/lock/);
    expect(await target.git('rev-parse', branch, `${own}/ledger`)).toBe(`${first}\n${head}`);
    const minuteAgo = Date.now() / 1_000 - 60;
    await utimes(lock, minuteAgo, minuteAgo);
    expect(await publishIt({ old: head, new: h2 }, { old: first, new: second })).toEqual({
      kind: 'published',
      branchPending: null,
    });
    expect(await target.git('rev-parse', branch, `${own}/ledger`)).toBe(`${second}\n${h2}`);
  });

  it('moves neither ref where one of them is not where it should be, and brings the clone up to date', async () => {
    const { head, first } = await begun();
    const second = await candidate(first, 'second');
    const next = await nextLedger(head, 2);
    await target.git('update-ref', `refs/heads/${branch}`, base);
    let before = await target.snapshot();
    expect(await publishIt({ old: head, new: next }, { old: first, new: second })).toMatchObject({
      kind: 'stale',
      what: 'champion',
    });
    expect(await target.snapshot()).toEqual(before);
    await target.git('update-ref', `refs/heads/${branch}`, first);
    await target.git('update-ref', `${own}/ledger`, base);
    before = await target.snapshot();
    expect(await publishIt({ old: head, new: next }, { old: first, new: second })).toMatchObject({
      kind: 'stale',
      what: 'ledger',
      detail: `${own}/ledger is at ${base}, not at ${head}`,
    });
    expect(await target.snapshot()).toEqual(before);
    expect(await runGit(clone.directory, 'rev-parse', `${own}/ledger`)).toBe(base);
  });

  it('of two writers at once lets one pass whole; the other can append after it', async () => {
    const { head, first } = await begun();
    const other = await openClone(join(data, 'other'), target.path);
    await syncLoop(other, target.path, { loopId, branch });
    const mine = clone;
    const candidates: [string, string][] = [];
    for (const [at, name] of [
      [mine, 'mine'],
      [other, 'other'],
    ] as const) {
      clone = at;
      candidates.push([await nextLedger(head, candidates.length + 2), await candidate(first, name)]);
    }
    const results = await Promise.all(
      candidates.map(([ledger, champion], index) =>
        publish(index === 0 ? mine : other, target.path, {
          loopId,
          branch,
          ledger: { old: head, new: ledger },
          champion: { old: first, new: champion },
        }),
      ),
    );
    expect(results.map(({ kind }) => kind).sort()).toEqual(['published', 'stale']);
    const winner = results[0]!.kind === 'published' ? 0 : 1;
    const { refs } = await target.snapshot();
    expect([refs[`${own}/ledger`], refs[`refs/heads/${branch}`]]).toEqual(candidates[winner]);
    clone = winner === 0 ? other : mine;
    const again = (await readLedger(clone, loopId)).head!;
    expect(again).toBe(candidates[winner]![0]);
    const appended = await nextLedger(again, 9);
    expect(await publishIt({ old: again, new: appended })).toMatchObject({ kind: 'published' });
    expect((await readLedger(clone, loopId)).records.map(({ iteration }) => iteration)).toEqual([1, winner + 2, 9]);
  });

  it('does not move the branch that a symbolic results branch names', async () => {
    const first = await candidate(base, 'first');
    const head = await nextLedger(null, 1);
    await target.git('symbolic-ref', `refs/heads/${branch}`, 'refs/heads/precious');
    await target.git('branch', 'precious');
    expect(await publishIt({ old: null, new: head }, { old: base, new: first })).toMatchObject({ kind: 'published' });
    expect(await target.git('rev-parse', 'precious')).toBe(base);
    expect(await target.git('rev-parse', branch)).toBe(first);
  });

  it('makes a branch again that its user deleted, and fails with the reason, whole, where git cannot make it', async () => {
    const { head, first } = await begun();
    await target.git('branch', '--quiet', '-D', branch);
    await target.git('branch', 'karpathy-loop');
    const second = await candidate(first, 'second');
    const next = await nextLedger(head, 2);
    const before = await target.snapshot();
    await expect(publishIt({ old: head, new: next }, { old: first, new: second })).rejects.toThrow(
      /^git update-ref in .*'refs\/heads\/karpathy-loop' exists/,
    );
    expect(await target.snapshot()).toEqual(before);
    await target.git('branch', '--quiet', '-D', 'karpathy-loop');
    expect(await publishIt({ old: head, new: next }, { old: first, new: second })).toMatchObject({ kind: 'published' });
    expect(await target.git('rev-parse', branch)).toBe(second);
  });

  it('makes no log of refs', async () => {
    const { head, first } = await begun();
    const second = await candidate(first, 'second');
    await publishIt({ old: head, new: await nextLedger(head, 2) }, { old: first, new: second });
    expect(
      Object.keys((await target.snapshot()).gitDirectory).filter(
        (name) => name.startsWith('logs/') && name.includes('karpathy'),
      ),
    ).toEqual([]);
  });
});

describe('syncing', () => {
  it('gives a new worker ledger and results, follows deletions, and leaves a branch that is not ours', async () => {
    const { head, first } = await begun();
    await target.git('checkout', '--quiet', branch);
    const second = await candidate(first, 'second');
    await publishIt({ old: head, new: await nextLedger(head, 2) }, { old: first, new: second });
    const before = await target.snapshot();
    await begin(join(data, 'new worker'));
    expect(clone.directory).toContain('new worker');
    expect((await readLedger(clone, loopId)).records).toHaveLength(2);
    expect(await runGit(clone.directory, 'rev-parse', `${own}/champion`, `${own}/branch`)).toBe(`${second}\n${first}`);
    expect(await target.snapshot()).toEqual(before);
    await target.git('update-ref', '-d', `${own}/ledger`);
    await syncLoop(clone, target.path, { loopId, branch });
    expect(await runGit(clone.directory, 'for-each-ref', own)).toBe('');
    expect((await readLedger(clone, loopId)).head).toBeNull();
  });
});
