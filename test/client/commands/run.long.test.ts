import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { LoopEvent } from '../../../client/loops/events.ts';
import { queueOf, sharedQueue } from '../../../domain/names.ts';
import type { Report } from '../../../domain/ledger/report.ts';
import { begin, call } from '../../support/command-line.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { proposals, scriptedSource, slowExactRounds, targetConfig } from '../../support/repository/target.ts';
import { useWorkbench } from '../../support/workbench.ts';

describeWithServer('karpathy-loop run --foreground, on real parts', () => {
  const bench = useWorkbench();

  beforeEach(() => {
    writeFileSync(
      join(bench.data.path, 'loop.json'),
      JSON.stringify(targetConfig(bench.target.path, { iterations: 2, benchmark: slowExactRounds })),
    );
  });

  async function identitiesOn(name: string): Promise<unknown[]> {
    const { pollers } = await bench.server.client.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name },
    });
    return pollers.map(({ identity }) => identity);
  }

  function run(): string[] {
    const source = `script=${JSON.stringify(scriptedSource(bench.data.path, [proposals.faster, proposals.broken]).command)}`;
    return [
      ...['run', '--foreground'],
      join(bench.data.path, 'loop.json'),
      '--id',
      'led',
      '--data',
      join(bench.data.path, 'data'),
      '--address',
      bench.server.address,
      '--command-source',
      source,
    ];
  }

  it('is paused by Ctrl-C in the middle, and the same command goes on to the end and reports', async () => {
    const first = begin(run());
    await until(() => first.said().includes('1/2  benchmark'));
    const workerId = readFileSync(join(bench.data.path, 'data', 'worker-id'), 'utf8').trim();
    expect(await identitiesOn(queueOf(workerId))).toContain(`karpathy-loop ${workerId}`);
    // On a server of others the queue that all share is left to workers that let in what its loops need.
    expect(await identitiesOn(sharedQueue)).not.toContain(`karpathy-loop ${workerId}`);
    first.process.kill('SIGINT');
    const interrupted = await first.ended;
    expect([interrupted.code, interrupted.stderr]).toEqual([130, '']);
    expect(interrupted.stdout).toMatch(
      /\npaused; no finished step is lost\ngo on: {2}npx karpathy-loop run .*\nend it: npx karpathy-loop stop led --address \S+ --data \S+\n$/,
    );

    const second = await call([...run(), '--json']);
    expect(second.code).toBe(0);
    expect(second.stderr).toContain('loop      led, going on where it was\n');
    expect(second.stderr).toMatch(/^1\/2 {2}committed: [\d.]+ % better \(.*\), Sum in \d+ rounds$/m);
    expect(second.stderr).toContain('2/2  rolledBack: tests-failed, Sum wrongly\n');
    expect(second.stderr).toMatch(/^ended     all \d+ iterations are done$/m);
    const events = second.stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as LoopEvent | (Report & { type: 'report' }));
    expect([...new Set(events.map(({ type }) => type))]).toEqual([
      'started',
      'prepared',
      'step',
      'iteration',
      'ended',
      'report',
    ]);
    expect(events.filter(({ type }) => type === 'iteration')).toMatchObject([
      { iteration: 1, outcome: 'committed', reason: null, title: expect.stringMatching(/^Sum in/) as string },
      { iteration: 2, outcome: 'rolledBack', reason: 'tests-failed', title: 'Sum wrongly', measured: null },
    ]);
    const report = events.at(-1) as Report;
    expect(report).toMatchObject({
      loopId: 'led',
      iterations: 2,
      committed: 1,
      rolledBack: 1,
      failed: 0,
      models: ['command script'],
      sandbox: ['bubblewrap'],
    });
    expect(report.champion).toBe(await bench.target.git('rev-parse', 'karpathy-loop/led'));

    const later = await call(['report', '--address', '127.0.0.1:1'], { cwd: join(bench.target.path, 'src') });
    expect([later.code, later.stderr]).toEqual([0, '']);
    expect(later.stdout).toMatch(/^1 {2}committed +[\d.]+ % better .* Sum in \d+ rounds$/m);
    expect(later.stdout).toMatch(
      /^Branch: karpathy-loop\/led\n {2}git diff [0-9a-f]{10}\.\.karpathy-loop\/led\n {2}git merge karpathy-loop\/led\n$/m,
    );
    expect(later.stdout).toMatch(/^2 {2}rolledBack: tests-failed .* Sum wrongly$/m);
  });

  it('goes on at once where it was killed, though its worker has yet to end', async () => {
    const killed = [...run(), '--id', 'killed'];
    const first = begin(killed);
    await until(() => first.said().includes('1/2  benchmark'));
    first.process.kill('SIGKILL');
    const { code, stdout } = await call(killed);
    expect(code).toBe(0);
    expect(stdout).toContain('loop      killed, going on where it was\n');
    expect(stdout).toContain('2/2  rolledBack: tests-failed, Sum wrongly\n');
    expect(stdout).toMatch(/^ended     all \d+ iterations are done$/m);
  });

  it('uses the worker that has the data directory, with what its owner allows', async () => {
    const own = join(bench.data.path, 'data');
    mkdirSync(own);
    const { command } = scriptedSource(own, [proposals.broken]);
    writeFileSync(
      join(own, 'settings.json'),
      JSON.stringify({ repositories: [bench.target.path], commandSources: { script: { command } } }),
    );
    const worker = begin(['worker', '--data', own, '--address', bench.server.address]);
    await until(() => /^worker \w+ polls karpathy-loop\/\w+ at .*\n$/.test(worker.said()));
    const beside = await call(['worker', '--data', own, '--address', bench.server.address]);
    expect([beside.code, beside.stderr]).toEqual([
      1,
      `error: worker: ${own} is in use by another worker; stop it or give another --data\n`,
    ]);

    const { code, stdout } = await call([...run(), '--iterations', '1', '--id', 'beside']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^worker .*, already running, which keeps its own settings$/m);
    expect(stdout).toContain('1/1  rolledBack: tests-failed, Sum wrongly\n');

    const left = begin([...run(), '--iterations', '1', '--id', 'left']);
    await until(() => left.said().includes('1/1  '));
    worker.process.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 0, stderr: '' });
    // Its own begins where that one ended.
    const alone = await left.ended;
    expect(alone).toMatchObject({ code: 0 });
    expect(alone.stdout).toContain('worker ended');
  });

  it('tells what prepare refuses, line by line, with exit code 1', async () => {
    const { code, stderr } = await call([...run(), '--base', 'nowhere']);
    expect([code, stderr]).toEqual([
      1,
      `error: base: "nowhere" is no commit of ${bench.target.path}; give a branch, tag or commit that is there\n`,
    ]);
  });

  it('without bubblewrap it ends with exit code 3 before any loop begins', async () => {
    const programs = join(bench.data.path, 'programs');
    mkdirSync(programs);
    for (const name of readdirSync('/usr/bin'))
      if (name !== 'bwrap') symlinkSync(join('/usr/bin', name), join(programs, name));
    const { code, stdout, stderr } = await call(run(), { environment: { PATH: programs } });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^error: .*(bwrap|bubblewrap).*\n$/);
  });
});

/** Until it holds; the test's own timeout is the bound. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 100));
}
