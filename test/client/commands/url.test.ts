import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openClone } from '../../../adapters/git/clone.ts';
import { ledgerCommit } from '../../../ledger/ledger.ts';
import { publish } from '../../../ledger/publish.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { commandSource } from '../../../domain/config/plan.ts';
import type { IterationRecord } from '../../../domain/ledger/record.ts';
import { call } from '../../support/command-line.ts';
import { runGit, type TestRepository } from '../../support/repository/repository.ts';
import { createTarget, targetConfig } from '../../support/repository/target.ts';

let target: TestRepository;
let root: string;
let url: string;

beforeEach(async () => {
  target = await createTarget();
  root = mkdtempSync(join(tmpdir(), 'remote-'));
  await runGit(root, 'clone', '--quiet', '--bare', target.path, join(root, 'r.git'));
  url = `file://${join(root, 'r.git')}`;
});
afterEach(async () => {
  await target.remove();
  rmSync(root, { recursive: true, force: true });
});

/** What the report does not count. */
const untold = {
  startedAt: '2026-01-02T03:04:05Z',
  champion: 'a'.repeat(40),
  candidate: null,
  hypothesis: null,
  model: 'script',
  verdict: null,
  sandbox: 'none',
};

const run = (...args: string[]) =>
  call([...args, '--data', join(root, 'data')], {
    cwd: root,
    environment: { XDG_CACHE_HOME: join(root, 'cache'), TEMPORAL_ADDRESS: '127.0.0.1:1' },
  });

it('A report needs nothing but the URL, with the id or without, and again after the ledger has grown.', async () => {
  const clone = await openClone(join(root, 'worker'), url);
  const config = parseLoopConfig(targetConfig(url));
  if (!config.ok) throw new Error(config.problems.join('\n'));
  let head: string | null = null;
  for (const iteration of [1, 2]) {
    const source = commandSource('script');
    const plan = {
      version: 1,
      loopId: 'far',
      config: config.value,
      baseSha: await target.git('rev-parse', 'HEAD'),
      branch: 'far',
      alpha: 0.001,
      source,
    } as const;
    const record = {
      version: 1,
      loopId: 'far',
      iteration,
      outcome: 'failed',
      reason: 'edit-refused',
      detail: '',
      tokens: 0,
      ...untold,
    } as unknown as IterationRecord;
    const next: string = await ledgerCommit(clone, head, {
      loopId: 'far',
      plan,
      record,
      identity: 'K <k@localhost>',
      date: '2026-01-02T03:04:05Z',
    });
    await publish(clone, url, { loopId: 'far', branch: 'far', ledger: { old: head, new: next }, champion: null });
    head = next;
    const { code, stdout, stderr } = await run(
      'report',
      ...(iteration === 1 ? ['far'] : []),
      '--repository',
      url,
      '--json',
    );
    expect(stderr).toBe('');
    expect([code, (JSON.parse(stdout) as { iterations: number }).iterations]).toEqual([0, iteration]);
  }
});

it('A URL that cannot be used is refused in one line before anything is started.', async () => {
  const gone = `file://${join(root, 'gone.git')}`;
  const refusals = [
    [gone, /^error: repository: .*gone\.git is no repository that can be found there \(.*\); check the URL\n$/],
    [
      'https://me:secret@localhost/r.git',
      /^error: repository: https:\/\/localhost\/r\.git is given with credentials, [^\n]*\n$/,
    ],
    ['ext::sh -c true', /^error: repository: "ext::" is no transport that is served; [^\n]*\n$/],
  ] as const;
  for (const [repository, message] of refusals) {
    writeFileSync(join(root, 'loop.json'), JSON.stringify(targetConfig(repository)));
    expect((await run('run')).stderr, repository).toMatch(message);
    expect((await run('report', 'x', '--repository', repository)).stderr, repository).toMatch(message);
  }
});
