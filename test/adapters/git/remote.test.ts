import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchCommits, openClone } from '../../../adapters/git/clone.ts';
import { branchProblem } from '../../../ledger/branch.ts';
import { bringUpToDate, fetchLedger, syncLoop } from '../../../ledger/sync.ts';
import { git, type Clone } from '../../../adapters/git/command.ts';
import { ledgerCommit, readLedger } from '../../../ledger/ledger.ts';
import { NetworkFailure } from '../../../adapters/git/network-failure.ts';
import { publish, withdrawLedger, type Publication } from '../../../ledger/publish.ts';
import { championOf, listLedgers } from '../../../ledger/refs.ts';
import { repositoryProblem, resolveBase } from '../../../adapters/git/repository.ts';
import { commitTree, writeTree } from '../../../adapters/git/trees.ts';
import type { Plan } from '../../../domain/config/plan.ts';
import type { IterationRecord } from '../../../domain/ledger/record.ts';
import { startGitDaemon, type GitDaemon } from '../../support/repository/git-daemon.ts';
import { startGitHttp } from '../../support/repository/git-http.ts';
import { createRepository, runGit, type TestRepository } from '../../support/repository/repository.ts';

const loopId = 'demo-12345678';
const branch = `karpathy-loop/${loopId}`;
const own = `refs/karpathy-loop/${loopId}`;
const identity = 'Karpathy Loop <loop@localhost>';
const date = '2026-01-01T00:00:00Z';

let source: TestRepository;
let root: string;
let bare: string;
let base: string;
let daemon: GitDaemon;

beforeEach(async () => {
  source = await createRepository({ 'a.txt': 'a', 'src/b.txt': 'b' });
  root = await mkdtemp(join(tmpdir(), 'remote-'));
  bare = join(root, 'r.git');
  await runGit(root, 'clone', '--quiet', '--bare', source.path, bare);
  base = await source.git('rev-parse', 'HEAD');
  daemon = await startGitDaemon(root);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await daemon.stop();
  await source.remove();
  await rm(root, { recursive: true, force: true });
});

async function openAt(url: string, data: string): Promise<Clone> {
  const clone = await openClone(join(root, data), url);
  await fetchCommits(clone, url, [base]);
  await syncLoop(clone, url, { loopId, branch });
  return clone;
}

async function candidate(clone: Clone, parent: string, content: string): Promise<string> {
  const tree = await writeTree(clone, parent, [{ path: 'src/b.txt', content }]);
  return commitTree(clone, { tree, parents: [parent], message: `${content}\n`, identity, date });
}

function nextLedger(clone: Clone, head: string | null, iteration?: number, detail = ''): Promise<string> {
  const record =
    iteration === undefined
      ? undefined
      : ({ version: 1, loopId, iteration, outcome: 'committed', reason: null, model: 'm', detail } as IterationRecord);
  return ledgerCommit(clone, head, {
    loopId,
    plan: { version: 1, loopId } as Plan,
    ...(record ? { record } : {}),
    identity,
    date,
  });
}

const publication = (ledger: Publication['ledger'], champion: Publication['champion'] = null): Publication => ({
  loopId,
  branch,
  ledger,
  champion,
});

/** A hook that leaves a file where it ran. */
async function plantHook(directory: string, hook: string, body = ''): Promise<() => Promise<string[]>> {
  const marks = await mkdtemp(join(root, 'marks-'));
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, hook), `#!/bin/sh\ntouch ${join(marks, hook)}\n${body}\n`);
  await chmod(join(directory, hook), 0o755);
  return () => readdir(marks);
}

describe.each(['git', 'file'])('a repository by %s://', (scheme) => {
  const url = () => (scheme === 'git' ? daemon.url('r.git') : `file://${bare}`);

  it('is read by exact ref names, and its revisions are resolved as git would', async () => {
    await runGit(bare, 'tag', 'v1', base);
    await runGit(bare, '-c', 'user.name=t', '-c', 'user.email=t@t', 'tag', '--annotate', '--message', 'v2', 'v2', base);
    await runGit(bare, 'update-ref', 'refs/heads/deep/refs/heads/other', base);
    expect(await repositoryProblem(url())).toBeNull();
    for (const name of ['HEAD', 'main', 'v1', 'v2', 'refs/heads/main', base])
      expect(await resolveBase(url(), name), name).toBe(base);
    for (const name of ['none', 'other', 'heads/main', 'HEAD~1', '*', base.slice(0, 8)])
      expect(await resolveBase(url(), name), name).toBeNull();
    expect(await branchProblem(url(), { loopId, branch: 'main/x' })).toMatch(/cannot be made beside the branch "main"/);
    expect(await branchProblem(url(), { loopId, branch: 'deep' })).toMatch(/cannot be made beside/);
    expect(await branchProblem(url(), { loopId, branch: 'main' })).toMatch(/already and not of this loop/);
    expect(await branchProblem(url(), { loopId, branch: 'other' })).toBeNull();
  });

  it('gets ledger and branch together, and a worker that has never seen it finds all of them', async () => {
    const clone = await openAt(url(), 'one');
    const first = await candidate(clone, base, 'first');
    const head = await nextLedger(clone, null, 1);
    for (const time of ['once', 'and again']) {
      expect(
        await publish(clone, url(), publication({ old: null, new: head }, { old: base, new: first })),
        time,
      ).toEqual({
        kind: 'published',
        branchPending: null,
      });
      expect(await championOf(url(), { loopId, branch }), time).toBe(first);
    }
    expect(await runGit(bare, 'for-each-ref', '--format=%(refname) %(objectname)')).toBe(
      [`refs/heads/${branch} ${first}`, `refs/heads/main ${base}`, `${own}/ledger ${head}`].join('\n'),
    );
    const other = await openClone(join(root, 'two'), url());
    expect(await fetchLedger(other, url(), loopId)).toBe(head);
    expect((await readLedger(other, loopId)).records.map(({ iteration }) => iteration)).toEqual([1]);
    await bringUpToDate(other, url(), { loopId, branch }, first);
    expect(await git(other, ['show', `${first}:src/b.txt`])).toBe('first');
    expect(await listLedgers(url())).toEqual([{ loopId, sha: head }]);
  });

  it('lets exactly one of two writers win a race, and moves nothing for the other', async () => {
    const [one, two] = [await openAt(url(), 'one'), await openAt(url(), 'two')];
    const begun = await nextLedger(one, null);
    await publish(one, url(), publication({ old: null, new: begun }));
    await bringUpToDate(two, url(), { loopId, branch }, base);
    for (let round = 1, head = begun, champion = base; round <= 4; round++) {
      const tries = await Promise.all(
        [one, two].map(async (clone, writer) => {
          const commit = await candidate(clone, champion, `round ${round} writer ${writer}`);
          const next = await nextLedger(clone, head, round, `writer ${writer}`);
          return {
            commit,
            next,
            result: await publish(clone, url(), publication({ old: head, new: next }, { old: champion, new: commit })),
          };
        }),
      );
      expect(tries.map(({ result }) => result.kind).sort(), `round ${round}`).toEqual(['published', 'stale']);
      const winner = tries.find(({ result }) => result.kind === 'published')!;
      expect(await runGit(bare, 'rev-parse', `${own}/ledger`, `refs/heads/${branch}`)).toBe(
        `${winner.next}\n${winner.commit}`,
      );
      [head, champion] = [winner.next, winner.commit];
      for (const clone of [one, two]) await bringUpToDate(clone, url(), { loopId, branch }, champion);
    }
  });

  it('keeps its ledger where the branch was moved by someone else: all or nothing', async () => {
    const clone = await openAt(url(), 'one');
    const first = await candidate(clone, base, 'first');
    const head = await nextLedger(clone, null, 1);
    await publish(clone, url(), publication({ old: null, new: head }, { old: base, new: first }));
    await runGit(bare, 'update-ref', `refs/heads/${branch}`, base);
    const second = await candidate(clone, first, 'second');
    const next = await nextLedger(clone, head, 2);
    expect(
      await publish(clone, url(), publication({ old: head, new: next }, { old: first, new: second })),
    ).toMatchObject({ kind: 'stale', what: 'champion' });
    expect(await runGit(bare, 'rev-parse', `${own}/ledger`, `refs/heads/${branch}`)).toBe(`${head}\n${base}`);
  });

  it('runs its own hooks and none of ours; what they decline is an error that says so, and leaves no ref', async () => {
    const clone = await openAt(url(), 'one');
    const ours = await Promise.all(
      ['pre-push', 'reference-transaction'].map((hook) => plantHook(join(clone.directory, 'hooks'), hook)),
    );
    const theirs = await plantHook(join(bare, 'hooks'), 'pre-receive');
    const head = await nextLedger(clone, null);
    await publish(clone, url(), publication({ old: null, new: head }));
    expect(await theirs()).toEqual(['pre-receive']);
    await withdrawLedger(clone, url(), { loopId, branch, head });
    expect(await listLedgers(url())).toEqual([]);
    await plantHook(join(bare, 'hooks'), 'pre-receive', 'exit 1');
    const refusal = await publish(clone, url(), publication({ old: null, new: head })).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NetworkFailure);
    expect(refusal).toMatchObject({ isPermanent: true });
    expect((refusal as Error).message).toMatch(
      /^repository: .* refuses the push \(.*\); let the worker's user write refs\/karpathy-loop/,
    );
    expect(await listLedgers(url())).toEqual([]);
    expect((await Promise.all(ours.map((ran) => ran()))).flat()).toEqual([]);
  });
});

describe('what keeps a URL from being a repository', () => {
  it('is said in one line with the remedy, and whether it may pass', async () => {
    const [gone, closed, file, host] = [
      daemon.url('gone.git'),
      daemon.url('r.git'),
      `file://${join(root, 'none.git')}`,
      'http://no-such-host.invalid/r.git',
    ];
    expect(await repositoryProblem(gone)).toMatch(
      /^repository: git:.*gone\.git is no repository that can be found there \(.*\); check the URL$/,
    );
    expect(await repositoryProblem(file)).toMatch(
      /^repository: file:.*none\.git is no repository that can be found there/,
    );
    vi.stubEnv('http_proxy', '');
    const unknown = await repositoryProblem(host).catch((error: unknown) => error);
    expect(unknown).toMatchObject({
      isPermanent: false,
      message: expect.stringMatching(/host that is not known here .*; check its name and the network$/) as string,
    });
    await daemon.stop();
    const unreachable = await repositoryProblem(closed).catch((error: unknown) => error);
    expect(unreachable).toMatchObject({
      isPermanent: false,
      message: expect.stringMatching(/cannot be reached .*; check the host and the network$/) as string,
    });
  });

  it('ends with the signal of the step where the other side never answers', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const ending = new AbortController();
    const { port } = silent.address() as AddressInfo;
    const asked = repositoryProblem(`git://127.0.0.1:${port}/r.git`, ending.signal);
    asked.catch(() => undefined);
    await once(silent, 'connection');
    ending.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow('cancelled');
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });

  it('is a checked out branch of a repository that refuses to have it moved', async () => {
    await source.git('checkout', '--quiet', '-b', branch);
    const url = `file://${source.path}`;
    const clone = await openAt(url, 'one');
    const head = await nextLedger(clone, null, 1);
    const push = publish(
      clone,
      url,
      publication({ old: null, new: head }, { old: base, new: await candidate(clone, base, 'x') }),
    );
    await expect(push).rejects.toThrow(
      /has the results branch checked out and refuses to have it moved .*switch to another branch there/,
    );
    expect(await listLedgers(url)).toEqual([]);
  });
});

describe('a repository by HTTP with a password', () => {
  it("is served by git's own credential helper, and refused without", async () => {
    const server = await startGitHttp(root, { user: 'me', password: 'secret' });
    try {
      await runGit(bare, 'config', 'http.receivepack', 'true');
      const url = server.url('r.git');
      const home = join(root, 'home');
      await mkdir(home);
      vi.stubEnv('HOME', home);
      vi.stubEnv('XDG_CONFIG_HOME', join(home, '.config'));
      vi.stubEnv('no_proxy', '127.0.0.1');
      expect(await repositoryProblem(url)).toMatch(
        /refuses the credentials that git has for it, or git has none .*credential helper/,
      );
      await writeFile(join(home, '.gitconfig'), '[credential]\n\thelper = store\n');
      await writeFile(join(home, '.git-credentials'), `http://me:wrong@127.0.0.1:${server.port}\n`);
      expect(await repositoryProblem(url)).toMatch(/refuses the credentials/);
      await writeFile(join(home, '.git-credentials'), `http://me:secret@127.0.0.1:${server.port}\n`);
      const clone = await openAt(url, 'one');
      const head = await nextLedger(clone, null, 1);
      const first = await candidate(clone, base, 'first');
      expect(await publish(clone, url, publication({ old: null, new: head }, { old: base, new: first }))).toEqual({
        kind: 'published',
        branchPending: null,
      });
      expect(await runGit(bare, 'rev-parse', `${own}/ledger`, `refs/heads/${branch}`)).toBe(`${head}\n${first}`);
    } finally {
      await server.stop();
    }
  });
});
