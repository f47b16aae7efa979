import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { isIndexed } from '../../../activities/loop/indexed.ts';
import { searchAttributes } from '../../../domain/search-attributes.ts';
import type { Steps } from '../../../domain/steps.ts';
import { call, type Called } from '../../support/command-line.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { deferred } from '../../support/server/loop-run.ts';
import { scriptedPrepared, scriptedSteps } from '../../support/server/scripted-steps.ts';
import { startServer, startWorker, temporalBinary } from '../../support/server/temporal.ts';

const tctlBinary = join(dirname(dirname(temporalBinary)), 'tctl-1.18.0', 'tctl');
const hasTctl = existsSync(tctlBinary);

describeWithServer("Temporal's own front doors, with scripted steps", () => {
  const queue = 'karpathy-loop/doors';
  let server: TestWorkflowEnvironment;
  let home: string;
  let stopWorker: (() => Promise<void>) | undefined;
  /** What the loops' tests wait for. */
  let gate = deferred();

  beforeAll(async () => {
    server = await startServer();
    home = mkdtempSync(join(tmpdir(), 'karpathy-loop-doors-'));
    execFileSync('git', ['init', '--quiet', home]);
    mkdirSync(join(home, 'data'));
    writeFileSync(join(home, 'data', 'worker-id'), 'doors\n');
    const config = { editable: ['src/**'], test: 'true', benchmark: { command: 'true' }, iterations: 3 };
    writeFileSync(join(home, 'loop.json'), JSON.stringify(config));
  });
  afterEach(async () => {
    gate.resolve();
    await stopWorker?.();
    stopWorker = undefined;
    gate = deferred();
  });
  afterAll(async () => {
    rmSync(home, { recursive: true, force: true });
    await server.teardown();
  });

  /** A worker whose second iteration waits for the gate and is given up. */
  async function work(): Promise<void> {
    const prepare: Steps['prepare'] = async ({ loopId }) => ({
      ...scriptedPrepared(loopId, queue, { iterations: 2 }),
      isIndexed: await isIndexed(),
    });
    const test: Steps['test'] = async ({ iteration }) => {
      if (iteration === 1) return { kind: 'passed' };
      await gate.promise;
      return { kind: 'failed', reason: 'tests-failed', detail: 'red' };
    };
    stopWorker = await startWorker(server, queue, scriptedSteps(queue, { prepare, test }));
  }

  const cli = (...args: string[]): Promise<Called> =>
    call([...args, '--address', server.address, '--data', join(home, 'data')], { cwd: home });
  const place = () => ['--address', server.address, '--namespace', server.namespace ?? 'default'];
  const temporal = async (...args: string[]) => (await execa(temporalBinary, [...args, ...place()])).stdout;
  const tctl = async (...args: string[]) => {
    const { stdout } = await execa(tctlBinary, [
      '--ad',
      server.address,
      '--ns',
      server.namespace ?? 'default',
      ...args,
    ]);
    return stdout;
  };
  const statusOf = async (id: string) =>
    JSON.parse(await temporal('workflow', 'query', '-w', id, '--name', 'status', '-o', 'json')) as {
      queryResult: [{ phase: string; committed: number; loopId: string }];
    };
  const becomes = (id: string, facts: object) =>
    expect
      .poll(async () => (await statusOf(id).catch(() => null))?.queryResult[0], { interval: 200 })
      .toMatchObject(facts);
  const started = ['--type', 'karpathyLoop', '--task-queue', queue, '--input', '{}'];

  it('status tells what is known of a loop that was terminated', async () => {
    await work();
    await temporal('workflow', 'start', '-w', 'ended', ...started);
    await becomes('ended', { committed: 1, iteration: 2 });
    await temporal('workflow', 'terminate', '-w', 'ended', '--reason', 'by hand');
    const { code, stdout, stderr } = await cli('status', 'ended');
    expect([code, stderr]).toEqual([1, 'error: loop: was terminated on the server\n']);
    expect(stdout).toContain('last known:\nloop      ended: running, iteration 1 of 2\n');
    expect(stdout).toContain('last      1: committed, 20.0 % better (95 % +18.0 % to +22.0 %, 8 pairs), Idea 1.0\n');
    const described = await temporal('workflow', 'describe', '-w', 'ended', '-o', 'json');
    expect(described).toContain('"champion": "commit-1"');
  });

  it('a queue that no worker can poll is told with the one that is meant', async () => {
    await temporal('workflow', 'start', '-w', 'lost', '--type', 'karpathyLoop', '--task-queue', 'karpathy_loop');
    for (const verb of ['status', 'pause']) {
      const { code, stderr } = await cli(verb, 'lost');
      expect([code, stderr]).toEqual([
        1,
        'error: worker: no worker polls queue karpathy_loop; workers poll karpathy-loop (any worker) and karpathy-loop/<workerId>; terminate the loop, and start it with --task-queue karpathy-loop\n',
      ]);
    }
    await temporal('workflow', 'terminate', '-w', 'lost');
  });

  it('a schedule of the command starts loops under legal ids, one at a time, and is listed and deleted', async () => {
    await work();
    const create = ['schedule', 'create', '--id', 'nightly', '--cron', '0 22 * * *'];
    const made = await cli(...create);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toMatch(
      /^scheduled: nightly on karpathy-loop\/doors; the first loop begins at \S+T22:00:00.000Z\n$/,
    );
    const again = await cli(...create);
    expect([again.code, again.stderr]).toEqual([
      1,
      'error: --id: schedule "nightly" is there already; delete it first, or give another --id\n',
    ]);
    await temporal('schedule', 'trigger', '-s', 'nightly');
    const running = () => idsBy('WorkflowType = "karpathyLoop" AND ExecutionStatus = "Running"');
    await expect.poll(running).toHaveLength(1);
    const [id] = await running();
    expect(id).toMatch(/^nightly-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await becomes(id!, { committed: 1, loopId: id!.replaceAll(':', '') });
    await temporal('schedule', 'trigger', '-s', 'nightly');
    const skipped = async () => {
      const { info } = await server.client.schedule.getHandle('nightly').describe();
      return info.numActionsSkippedOverlap;
    };
    await expect.poll(skipped).toBe(1);
    expect(await running()).toEqual([id]);
    expect((await cli('schedule', 'list')).stdout).toMatch(
      /^nightly: next \S+T22:00:00.000Z, last loop nightly-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/,
    );
    const shown = await temporal('workflow', 'show', '-w', id!, '-o', 'json');
    expect(decoded(shown)).toContain('"continues":"nightly"');
    expect((await cli('schedule', 'delete', 'nightly')).stdout).toBe(
      'deleted: nightly; a loop that it has started goes on\n',
    );
    const gone = await cli('schedule', 'delete', 'nightly');
    expect(gone.stderr).toContain('schedule: there is no "nightly"');
    gate.resolve();
    await becomes(id!, { phase: 'ended' });
  });

  it('iterations are found by what they came to, once the search attributes are registered', async () => {
    for (const { name, type } of Object.values(searchAttributes)) {
      const words = { KEYWORD: 'Keyword', DOUBLE: 'Double' };
      await temporal('operator', 'search-attribute', 'create', '--name', name, '--type', words[type]);
    }
    gate.resolve();
    await work();
    // The server may take a while to tell of new ones.
    const isThere = async () => {
      const { customAttributes } = await server.connection.operatorService.listSearchAttributes({
        namespace: server.namespace ?? 'default',
      });
      return Object.keys(customAttributes);
    };
    await expect.poll(isThere).toEqual(expect.arrayContaining(Object.values(searchAttributes).map(({ name }) => name)));
    await temporal('workflow', 'start', '-w', 'found', ...started);
    await becomes('found', { phase: 'ended' });
    const loop = 'KarpathyLoop = "found"';
    await expect
      .poll(() => idsBy(`${loop} AND KarpathyOutcome = "committed" AND KarpathyImprovement > 10`))
      .toEqual(['found/iter-1']);
    await expect.poll(() => idsBy(`${loop} AND KarpathyReason = "tests-failed"`)).toEqual(['found/iter-2']);
    await expect
      .poll(() => idsBy('KarpathyRepository = "/repository" AND WorkflowType = "karpathyLoop"'))
      .toEqual(['found']);
  });

  it.skipIf(!hasTctl)(
    `tctl starts, lists, describes, asks, signals and ends a loop${hasTctl ? '' : ' (run node scripts/bring-tctl.mjs)'}`,
    async () => {
      await work();
      const words = ['--tq', queue, '--wt', 'karpathyLoop', '--input', '{}'];
      await tctl('workflow', 'start', '-w', 'by-tctl', ...words);
      await becomes('by-tctl', { committed: 1 });
      expect(await tctl('workflow', 'query', '-w', 'by-tctl', '--qt', 'status')).toContain('by-tctl');
      await tctl('workflow', 'signal', '-w', 'by-tctl', '-n', 'pauze');
      await becomes('by-tctl', { ignored: ['pauze: is no signal of a loop; give pause, resume, stop or hint'] });
      await tctl('workflow', 'signal', '-w', 'by-tctl', '-n', 'stop');
      await becomes('by-tctl', { phase: 'stopping' });
      gate.resolve();
      await becomes('by-tctl', { phase: 'ended', stop: 'stop request' });
      await expect.poll(() => tctl('workflow', 'list')).toContain('by-tctl');
      expect(decoded(await tctl('workflow', 'describe', '-w', 'by-tctl'))).toContain('"stop":"stop request"');
      await tctl('workflow', 'start', '-w', 'wrong', '--tq', queue, '--wt', 'karpathyloop', '--input', '{}');
      await expect.poll(() => tctl('workflow', 'describe', '-w', 'wrong')).toContain('"status": "Failed"');
    },
  );

  async function idsBy(query: string): Promise<string[]> {
    const listed = await temporal('workflow', 'list', '--query', query, '-o', 'json');
    return (JSON.parse(listed) as { execution: { workflowId: string } }[]).map(({ execution }) => execution.workflowId);
  }
});

/** A server's answer with whatever in it is base64 read as text. */
function decoded(json: string): string {
  return json.replace(/"([A-Za-z0-9+/]{16,}={0,2})"/g, (_all, text: string) => Buffer.from(text, 'base64').toString());
}
