import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tryLock } from '../../adapters/lock.ts';
import type { Checks, VerifyAnswer, VerifyInput } from '../../domain/checks.ts';
import type { Steps } from '../../domain/steps.ts';
import { begin, call, type Called } from '../support/command-line.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import type { TestRepository } from '../support/repository/repository.ts';
import { untilCancelled } from '../support/server/scripted-steps.ts';
import { createTarget, proposals, scriptedSource, targetConfig } from '../support/repository/target.ts';
import { startServer, startWorker } from '../support/server/temporal.ts';
import { createDataDirectory } from '../support/server/worker-process.ts';

describeWithServer('karpathy-loop verify', () => {
  let server: TestWorkflowEnvironment;
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let commit: string;
  let base: string;

  /** One real loop with one commit, which the tests then look at. */
  beforeAll(async () => {
    server = await startServer();
    data = createDataDirectory();
    target = await createTarget();
    writeFileSync(join(data.path, 'loop.json'), JSON.stringify(targetConfig(target.path)));
    const source = `script=${JSON.stringify(scriptedSource(data.path, [proposals.faster]).command)}`;
    const ran = await call(
      [
        'run',
        '--foreground',
        join(data.path, 'loop.json'),
        '--id',
        'led',
        '--command-source',
        source,
        ...serverFlags(),
      ],
      { cwd: target.path },
    );
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(
      /^In total: [\d.]+ % better \(ms\), base against champion measured afresh over 20 pairs, 95 % \+[\d.]+ % to \+[\d.]+ %$/m,
    );
    commit = await target.git('rev-parse', 'karpathy-loop/led');
    base = await target.git('rev-parse', 'main');
  });
  afterAll(async () => {
    await target.remove();
    data.remove();
    await server.teardown();
  });

  it('finds the loop by the commit, starts a worker for it, confirms it, and leaves the repository as it was', async () => {
    const before = await target.snapshot();
    const { code, stdout, stderr } = await verify(['karpathy-loop/led']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(
        [
          `^commit {4}${commit.slice(0, 10)} of loop led, against its parent ${base.slice(0, 10)}`,
          'measured {2}[\\d.]+ % better \\(95 % \\+[\\d.]+ % to \\+[\\d.]+ %, \\d+ pairs\\), ms; \\d+ pairs in all',
          'verdict {3}confirmed \\(of commits without any gain at most 5 % are\\)$',
        ].join('\n'),
        'm',
      ),
    );
    expect(await target.snapshot()).toEqual(before);
  });

  it('has an exit code of its own for what is not confirmed, and its samples as JSON', async () => {
    const slow = await target.commit(
      { 'src/total.mjs': (await target.git('show', 'main:src/total.mjs')).replace('300', '600') },
      'Be slower',
    );
    const { code, stdout } = await verify([slow, '--loop', 'led', '--json']);
    expect(code).toBe(4);
    const verified = JSON.parse(stdout) as VerifyAnswer;
    expect(verified).toMatchObject({
      verdict: 'not confirmed',
      commit: slow,
      loopId: 'led',
      better: 'lower',
      alpha: 0.05,
    });
    expect(verified.samples).toHaveLength(verified.pairs);
  });

  it('uses the server and worker of a run that is under way, and says when nothing could be determined', async () => {
    const asked: VerifyInput[] = [];
    const answer = {
      verdict: 'undetermined',
      commit,
      parent: base,
      loopId: 'led',
      reported: { text: '3.0 % better (95 % -10.0 % to +10.0 %, 60 pairs)' },
      better: 'lower',
      unit: 'ms',
      sandbox: 'none',
    };
    const undetermined = {
      ...answer,
      noise: 'measured',
      samples: Array<[number, number]>(60).fill([1, 0.97]),
      minImprovement: 0.05,
      alpha: 0.05,
    };
    await besideRun(
      { verify: (input) => (asked.push(input), Promise.resolve(undetermined as unknown as VerifyAnswer)) },
      async (args) => {
        const { code, stdout } = await call(['verify', commit, '--repository', target.path, ...args]);
        expect(code).toBe(5);
        expect(stdout).toContain('note      the worker that runs already keeps its own settings\n');
        expect(stdout).toContain(
          'measured  3.0 % better (95 % -10.0 % to +10.0 %, 60 pairs), ms; 60 pairs in all\nverdict   undetermined (',
        );
        expect(stdout).toMatch(/^sandbox {3}NONE: commands ran without a sandbox$/m);
      },
    );
    expect(asked).toEqual([{ repository: target.path, loopId: 'led', commit }]);
  });

  it('is cancelled by Ctrl-C', async () => {
    let cancelled = false;
    const verifyActivity: Checks['verify'] = () => untilCancelled().finally(() => (cancelled = true));
    await besideRun({ verify: verifyActivity }, async (args) => {
      const running = begin(['verify', commit, ...args], { cwd: target.path });
      await until(() => running.said().includes('against its parent'));
      running.process.kill('SIGINT');
      expect((await running.ended).code).toBe(130);
    });
    expect(cancelled).toBe(true);
  });

  it.each([
    [
      'a commit that is not there',
      () => ['nowhere'],
      /^error: commit: "nowhere" is no commit of .*; give one that is there\n$/,
    ],
    [
      'a commit of no loop',
      () => ['main'],
      /^error: commit: \w{10} is no commit of a loop \(its message has no line "Loop: …"\); name the loop with --loop\n$/,
    ],
    ['a root commit', () => [base, '--loop', 'led'], /^error: commit: \w{10} is a root commit; give one with a parent/],
    [
      'a loop without a ledger',
      () => [commit, '--loop', 'other'],
      /^error: loop: "other" has no ledger in .*; name one that has with --loop/,
    ],
    [
      'a directory that is no repository',
      () => [commit, '--repository', '/etc'],
      /^error: repository: \/etc is not a git repository; /,
    ],
  ])('refuses %s before anything starts', async (_, args, message) => {
    const { code, stdout, stderr } = await verify(args());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  function serverFlags(): string[] {
    return ['--data', join(data.path, 'data'), '--address', server.address];
  }

  function verify(args: string[]): Promise<Called> {
    return call(['verify', ...args, ...serverFlags()], { cwd: join(target.path, 'src') });
  }

  /** As while a `run` holds a data directory, whose worker answers as scripted. */
  async function besideRun(checks: Partial<Checks>, use: (args: string[]) => Promise<void>): Promise<void> {
    const own = join(data.path, 'beside');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'worker-id'), 'beside\n');
    const unlock = await tryLock(join(own, 'run.lock'));
    const stop = await startWorker(server, 'karpathy-loop/beside', checks as Partial<Steps>);
    try {
      await use(['--data', own, '--address', server.address]);
    } finally {
      await stop();
      await unlock!();
    }
  }
});

/** Until it holds; the test's own timeout is the bound. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 100));
}
