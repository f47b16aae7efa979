import { mkdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, it } from 'vitest';
import type { LoopConfigInput } from '../../domain/config/loop-config.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { plantHooks } from '../support/repository/planted-hooks.ts';
import { withoutLoopRefs, type RepositorySnapshot } from '../support/repository/repository.ts';
import { exactRounds, proposals, scriptedSource, targetConfig } from '../support/repository/target.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { temporalBinary } from '../support/server/temporal.ts';
import { useWorkbench } from '../support/workbench.ts';
import { startWorkerProcess, type RunningWorker } from '../support/server/worker-process.ts';

describeWithServer('a loop on real parts', () => {
  const bench = useWorkbench();
  let briefs = '';

  async function startWorker(answers: readonly (Hypothesis | string)[], settings: object = {}): Promise<RunningWorker> {
    mkdirSync(bench.data.path, { recursive: true });
    const source = scriptedSource(bench.data.path, answers);
    briefs = source.briefs;
    return (bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, {
      repositories: [bench.target.path],
      commandSources: { script: { command: source.command } },
      ...settings,
    }));
  }

  async function runLoop(id: string, config: unknown): Promise<LoopResult> {
    return (await bench.server.client.workflow.execute('karpathyLoop', {
      workflowId: id,
      taskQueue: bench.worker!.queue,
      args: [config],
    })) as LoopResult;
  }

  /** Waits until the loop has made a ref. */
  async function untilRef(name: string): Promise<void> {
    while ((await bench.target.git('for-each-ref', name)) === '')
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async function records(id: string, count: number): Promise<IterationRecord[]> {
    const read = async (n: number) =>
      JSON.parse(
        await bench.target.git('show', `refs/karpathy-loop/${id}/ledger:records/0/${n}.json`),
      ) as IterationRecord;
    return Promise.all(Array.from({ length: count }, (_, index) => read(index + 1)));
  }

  it('commits what is truly faster and rolls everything else back, and says why', async () => {
    const answers = [
      proposals.rename,
      proposals.broken,
      proposals.slower,
      proposals.outside,
      'no idea',
      proposals.silent,
      proposals.faster,
      proposals.rename,
      proposals.fasterStill,
    ];
    await startWorker(answers);
    const result = await runLoop('all-kinds', targetConfig(bench.target.path, { iterations: answers.length }));
    const done = await records('all-kinds', answers.length);
    expect(done.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['rolledBack', expect.stringMatching(/slower|below-bar|undecided/)],
      ['rolledBack', 'tests-failed'],
      ['rolledBack', expect.stringMatching(/slower|below-bar/)],
      ['failed', 'edit-refused'],
      ['failed', 'no-hypothesis'],
      ['rolledBack', 'benchmark-failed'],
      ['committed', null],
      ['rolledBack', expect.stringMatching(/slower|below-bar|undecided/)],
      ['committed', null],
    ]);
    expect(result).toMatchObject({ committed: 2, stop: 'iterations', champion: done.at(-1)?.candidate?.commit });
    const log = await bench.target.git(
      'log',
      '--format=%s|%an|%(trailers:key=Iteration,valueonly)',
      `HEAD..karpathy-loop/all-kinds`,
    );
    expect(log.split('\n').filter(Boolean)).toEqual([
      'Sum in 25 rounds|Karpathy Loop|9',
      'Sum in 100 rounds|Karpathy Loop|7',
    ]);
    for (const trailer of ['Improvement', 'Interval', 'Pairs', 'Loop', 'Model']) {
      expect(
        await bench.target.git('log', '-1', `--format=%(trailers:key=${trailer},valueonly)`, 'karpathy-loop/all-kinds'),
      ).not.toBe('');
    }
    const evidence = JSON.parse(
      await bench.target.git('show', 'refs/karpathy-loop/all-kinds/ledger:records/0/7.evidence.json'),
    ) as {
      pairs: unknown[];
      fresh: unknown[];
    };
    expect([evidence.pairs.length, evidence.fresh.length]).toEqual([done[6]?.verdict?.pairs, 8]);
  });

  it('tells a command source the hotspots of a real profile, the sources and what was tried', async () => {
    await startWorker([proposals.broken, proposals.outside]);
    await runLoop('briefed', targetConfig(bench.target.path, { iterations: 2 }));
    const told = readFileSync(briefs, 'utf8')
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            hotspots: { file: string; name: string }[];
            files: { path: string }[];
            history: unknown[];
            choices: { constant: string }[];
          },
      );
    expect(told[0]!.hotspots[0]).toMatchObject({ file: 'src/total.mjs', name: 'total' });
    expect(told[0]!.files.map(({ path }) => path)).toEqual(['src/total.mjs']);
    expect(told[0]!.choices.map(({ constant }) => constant)).toEqual(['ROUNDS']);
    expect(told[1]!.history).toEqual([
      { iteration: 1, title: 'Sum wrongly', outcome: 'tests-failed', ratio: null, target: null },
    ]);
  });

  it('gives a failed test back to whoever proposed, with its error, as often as repairs allow', async () => {
    await startWorker([proposals.broken]);
    await runLoop(
      'repaired',
      targetConfig(bench.target.path, { hypothesis: { source: 'command', command: 'script', repairs: 2 } }),
    );
    expect((await records('repaired', 1))[0]).toMatchObject({ reason: 'tests-failed', attempts: 3 });
    const told = readFileSync(briefs, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { previous: { reason: string; detail: string } | null });
    expect(told.map(({ previous }) => previous?.reason ?? null)).toEqual([null, 'tests-failed', 'tests-failed']);
    expect(told[1]!.previous!.detail).toContain('AssertionError');
  });

  it('leaves the repository as it was but for objects and its own refs, with hooks planted and with uncommitted work', async () => {
    await startWorker([proposals.faster]);
    await writeFile(join(bench.target.path, 'src/total.mjs'), 'staged\n');
    await bench.target.git('add', 'src/total.mjs');
    await writeFile(join(bench.target.path, 'src/total.mjs'), 'dirty\n');
    await writeFile(join(bench.target.path, 'untracked.txt'), 'mine\n');
    const ran = await plantHooks(bench.target);
    const before = await bench.target.snapshot();
    await runLoop('clean', targetConfig(bench.target.path, { benchmark: exactRounds }));
    const after = await bench.target.snapshot();
    expect(withoutLoopRefs(after, 'karpathy-loop/clean')).toEqual(before);
    expect(addedRefs(before, after)).toEqual(['refs/heads/karpathy-loop/clean', 'refs/karpathy-loop/clean/ledger']);
    expect(await ran()).toEqual([]);
    expect(await bench.target.git('-c', 'core.hooksPath=/dev/null', 'fsck', '--no-dangling')).toBe('');
  });

  it('leaves a results branch alone while it is checked out, and lets it follow once it is free', async () => {
    await startWorker([proposals.faster, proposals.rename, proposals.fasterStill]);
    const config = targetConfig(bench.target.path, { iterations: 3 });
    const handle = await bench.server.client.workflow.start('karpathyLoop', {
      workflowId: 'held',
      taskQueue: bench.worker!.queue,
      args: [config],
    });
    await untilRef('refs/heads/karpathy-loop/held');
    const first = await bench.target.git('rev-parse', 'karpathy-loop/held');
    await bench.target.git('checkout', '-q', 'karpathy-loop/held');
    const before = await bench.target.snapshot();
    const result = (await handle.result()) as LoopResult;
    const after = await bench.target.snapshot();
    expect(withoutLoopRefs(after, '')).toEqual(withoutLoopRefs(before, ''));
    expect(result).toMatchObject({ committed: 2, branchPending: 'checked out' });
    expect(await bench.target.git('rev-parse', 'karpathy-loop/held', 'refs/karpathy-loop/held/champion')).toBe(
      `${first}\n${result.champion ?? ''}`,
    );

    await bench.target.git('checkout', '-q', 'main');
    await bench.server.client.workflow.execute('karpathyLoop', {
      workflowId: 'held',
      taskQueue: bench.worker!.queue,
      args: [config],
    });
    expect(await bench.target.git('rev-parse', 'karpathy-loop/held')).toBe(result.champion);
    expect(await bench.target.git('for-each-ref', 'refs/karpathy-loop/held/champion')).toBe('');
  });

  it('starts by the temporal command alone', async () => {
    await startWorker([proposals.faster]);
    const temporal = (...args: string[]) => execa(temporalBinary, [...args, '--address', bench.server.address]);
    const input = JSON.stringify(targetConfig(bench.target.path, { benchmark: exactRounds }));
    await temporal(
      'workflow',
      'start',
      '--type',
      'karpathyLoop',
      '--task-queue',
      'karpathy-loop',
      '--workflow-id',
      'by-hand',
      '--input',
      input,
    );
    const { stdout } = await temporal('workflow', 'result', '--workflow-id', 'by-hand', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'COMPLETED',
      result: { committed: 1, iteration: 1, stop: 'iterations' },
    });
    expect(await bench.target.git('log', '-1', '--format=%s', 'karpathy-loop/by-hand')).toBe('Sum in 100 rounds');
  });

  it('refuses a user branch that blocks the results branch', async () => {
    await startWorker([proposals.faster]);
    await bench.target.git('branch', 'karpathy-loop');
    const failure = await runLoop('blocked', targetConfig(bench.target.path)).catch(
      (error: unknown) => (error as Error & { cause: Error }).cause.message,
    );
    expect(failure).toMatch(/branch: .*karpathy-loop/);
  });
});

describeWithServer('a loop that its worker', () => {
  const bench = useWorkbench({ isShared: true });
  const queue = 'karpathy-loop';

  beforeAll(async () => {
    const { command } = scriptedSource(bench.data.path, []);
    const settings = { repositories: [bench.target.path], commandSources: { script: { command } } };
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, settings);
  });

  it.each<[string, (config: LoopConfigInput) => unknown, RegExp]>([
    [
      'a command source',
      (config) => ({ ...config, hypothesis: { source: 'command', command: 'other' } }),
      /hypothesis\.command: "other" is not allowed by this worker/,
    ],
    [
      'a read-only path',
      (config) => ({ ...config, sandbox: { readOnly: ['secrets'] } }),
      /sandbox\.readOnly: "secrets" is not allowed by this worker/,
    ],
    [
      'a device',
      (config) => ({ ...config, sandbox: { devices: ['gpu'] } }),
      /sandbox\.devices: "gpu" is not allowed by this worker/,
    ],
    [
      'an environment name',
      (config) => ({ ...config, sandbox: { environment: ['HOME'] } }),
      /sandbox\.environment: "HOME" is not allowed by this worker/,
    ],
    [
      'a repository',
      (config) => ({ ...config, repository: '/etc' }),
      /repository: "\/etc" is not allowed by this worker/,
    ],
    ['a JSON string for a config', (config) => JSON.stringify(config), /config: is a string/],
    ['an unknown field', (config) => ({ ...config, editible: [] }), /editible: unknown field/],
    [
      'a glob that matches nothing',
      (config) => ({ ...config, editable: ['lib/**'] }),
      /editable: "lib\/\*\*" matches no file of the base/,
    ],
    ['a base that is not there', (config) => ({ ...config, base: 'nowhere' }), /base: "nowhere" is no commit/],
    [
      'tests that fail on the base',
      (config) => ({ ...config, test: 'node -e "process.exit(3)"' }),
      /test: fails on the base .*[^]*exit code 3/,
    ],
    [
      'a benchmark without a metric',
      (config) => ({ ...config, benchmark: { ...config.benchmark, command: 'true' } }),
      /benchmark\.metric\.pattern: no line of the output matches/,
    ],
    [
      'a benchmark with two metrics',
      (config) => ({ ...config, benchmark: { ...config.benchmark, command: 'node bench.mjs; node bench.mjs' } }),
      /2 places of the output match/,
    ],
    ['a command that is not there', (config) => ({ ...config, test: 'no-such-tool' }), /test: .*no-such-tool/],
  ])('refuses %s by name and leaves no ref', async (_, change, message) => {
    const args = [change(targetConfig(bench.target.path))];
    const loop = bench.server.client.workflow.execute('karpathyLoop', {
      workflowId: 'refused',
      taskQueue: queue,
      args,
    });
    const failure: unknown = await loop.catch((error: unknown) => (error as Error & { cause: Error }).cause.message);
    expect(failure).toMatch(message);
    expect(await bench.target.git('for-each-ref', 'refs/karpathy-loop', 'refs/heads/karpathy-loop')).toBe('');
  });
});

function addedRefs(before: RepositorySnapshot, after: RepositorySnapshot): string[] {
  return Object.keys(after.refs)
    .filter((name) => !(name in before.refs))
    .sort();
}
