import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { LoopStatus } from '../../../workflows/messages.ts';
import { begin, call, type Called } from '../../support/command-line.ts';
import { scriptedPrepared, scriptedSteps } from '../../support/server/scripted-steps.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { startServer, startWorker } from '../../support/server/temporal.ts';

describeWithServer('the commands on a real server, with scripted steps', () => {
  const queue = 'karpathy-loop/here';
  let server: TestWorkflowEnvironment;
  let home: string;
  let stopWorker: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.teardown());
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'karpathy-loop-client-'));
    execFileSync('git', ['init', '--quiet', home]);
    mkdirSync(join(home, 'data'));
    writeFileSync(join(home, 'data', 'worker-id'), 'here\n');
    writeFileSync(
      join(home, 'loop.json'),
      JSON.stringify({ editable: ['src/**'], test: 'true', benchmark: { command: 'true' }, iterations: 3 }),
    );
  });
  afterEach(async () => {
    await stopWorker?.();
    stopWorker = undefined;
    rmSync(home, { recursive: true, force: true });
  });

  /** Starts a loop that fails so when it is prepared, until what is returned is called. */
  async function startUnprepared(id: string, failure: Error): Promise<() => void> {
    let isMended = false;
    const prepare = () =>
      isMended ? Promise.resolve(scriptedPrepared(id, queue, { iterations: 1 })) : Promise.reject(failure);
    stopWorker = await startWorker(server, queue, scriptedSteps(queue, { prepare }));
    await ok(['start', '--id', id]);
    return () => void (isMended = true);
  }

  it('start, status, pause, resume, stop: a loop is led from outside', async () => {
    const gate = createGate();
    stopWorker = await startWorker(
      server,
      queue,
      scriptedSteps(queue, { test: () => gate.passed.then(() => ({ kind: 'passed' })) }),
    );
    const started = await ok(['start', '--id', 'led', '--json']);
    expect(JSON.parse(started)).toMatchObject({ loopId: 'led', queue, continued: false });
    expect(await ok(['start', '--id', 'led'])).toBe(
      'is open already: led\nfollow it: npx karpathy-loop status --follow led\n',
    );

    await until(async () => (await ok(['status', 'led'])).includes('test: Idea 1.0'));
    expect(await ok(['pause', 'led'])).toContain('loop      led: pausing, iteration 1 of 3\n');
    const again = await cli(['pause', 'led']);
    expect([again.code, again.stderr]).toEqual([1, 'error: pause: the loop is paused already; resume it to go on\n']);
    const following = begin(['status', '--follow', 'led', ...flags()], { cwd: home });
    gate.open();
    await until(() => following.said().includes('paused'));
    expect(await ok(['resume', 'led'])).toContain('running');
    const { code, stdout } = await following.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('2/3  committed: 20.0 % better (95 % +18.0 % to +22.0 %, 8 pairs), Idea 2.0\n');
    expect(stdout).toContain('3/3  committed: 20.0 % better (95 % +18.0 % to +22.0 %, 8 pairs), Idea 3.0\n');
    expect(stdout).toContain('led: ended (iterations), iteration 3 of 3\n');
    expect(JSON.parse(await ok(['status', 'led', '--json'])) as LoopStatus).toMatchObject({
      phase: 'ended',
      committed: 3,
      stop: 'iterations',
    });
    const late = await cli(['stop', 'led']);
    expect([late.code, late.stderr]).toEqual([
      1,
      'error: loop: "led" has ended (completed); there is nothing to stop\n',
    ]);
  });

  it('stop --now ends the only open loop, and the next start takes a new id', async () => {
    const gate = createGate();
    stopWorker = await startWorker(
      server,
      queue,
      scriptedSteps(queue, { test: () => gate.passed.then(() => ({ kind: 'passed' })) }),
    );
    await ok(['start', '--id', 'short']);
    expect(await ok(['stop', '--now'])).toContain('stop request');
    gate.open();
    await until(async () => (await ok(['status', 'short'])).includes('ended (stop request)'));
    expect(JSON.parse(await ok(['start', '--id', 'short', '--json']))).toMatchObject({ loopId: 'short-2' });
    await until(async () => (await ok(['status', 'short-2'])).includes('ended (iterations)'));
  });

  it('a refused loop says why, line by line, and its id is free again', async () => {
    const mend = await startUnprepared(
      'refused',
      ApplicationFailure.nonRetryable('base: "x" is no commit\ntest: fails on the base', 'Refused'),
    );
    const lines = 'error: base: "x" is no commit\nerror: test: fails on the base\n';
    const status = await cli(['status', '--follow', 'refused']);
    expect([status.code, status.stderr]).toEqual([1, lines]);
    const report = await cli(['report', 'refused']);
    expect([report.code, report.stderr]).toEqual([
      1,
      `error: loop: "refused" was refused before its first iteration\n${lines}`,
    ]);
    mend();
    expect(JSON.parse(await ok(['start', '--id', 'refused', '--json']))).toMatchObject({ loopId: 'refused' });
    await until(async () => (await ok(['status', 'refused'])).includes('ended (iterations)'));
  });

  it('status tells what the step that prepares says it does', async () => {
    const prepare = async () => {
      const context = Context.current();
      const telling = setInterval(() => context.heartbeat('tests, run 2 of 3'), 50);
      return context.cancelled.finally(() => clearInterval(telling));
    };
    stopWorker = await startWorker(server, queue, scriptedSteps(queue, { prepare }));
    await ok(['start', '--id', 'said']);
    await until(async () => (await ok(['status', 'said'])).includes('preparing: tests, run 2 of 3'));
    await ok(['stop', '--now', 'said']);
  });

  it('a loop that failed goes on under its id, which nothing else takes', async () => {
    const mend = await startUnprepared(
      'unlucky',
      ApplicationFailure.nonRetryable('repository: does not answer', 'NetworkFailure'),
    );
    const status = await cli(['status', '--follow', 'unlucky']);
    expect([status.code, status.stderr]).toEqual([1, 'error: repository: does not answer\n']);
    mend();
    expect(JSON.parse(await ok(['start', '--id', 'unlucky', '--json']))).toMatchObject({ loopId: 'unlucky' });
    await until(async () => (await ok(['status', 'unlucky'])).includes('ended (iterations)'));
  });

  it.each([
    { id: 'late', flags: [], found: { loopId: 'late-2', continued: true } },
    // The next one only has that name.
    { id: 'alike', flags: ['--seed', '7'], found: { loopId: 'alike', continued: false } },
  ])(
    'a loop that failed does not go on once the next one of its config has begun: $found',
    async ({ id, flags: ofNext, found }) => {
      await startUnprepared(id, ApplicationFailure.nonRetryable('repository: does not answer', 'NetworkFailure'));
      await expect(server.client.workflow.getHandle(id).result()).rejects.toThrow();
      await stopWorker?.();
      const gate = createGate();
      stopWorker = await startWorker(
        server,
        queue,
        scriptedSteps(queue, { test: () => gate.passed.then(() => ({ kind: 'passed' })) }),
      );
      await ok(['start', '--id', `${id}-2`, ...ofNext]);
      expect(JSON.parse(await ok(['start', '--id', id, '--json']))).toMatchObject(found);
      gate.open();
      for (const one of new Set([`${id}-2`, found.loopId])) await server.client.workflow.getHandle(one).terminate();
    },
  );

  it('an open loop is not continued under another config', async () => {
    const gate = createGate();
    stopWorker = await startWorker(
      server,
      queue,
      scriptedSteps(queue, { test: () => gate.passed.then(() => ({ kind: 'passed' })) }),
    );
    await ok(['start', '--id', 'same']);
    const other = await cli(['start', '--id', 'same', '--seed', '7']);
    expect([other.code, other.stderr]).toEqual([
      1,
      'error: loop id: "same" is open with another configuration; type "npx karpathy-loop stop same", or give another --id\n',
    ]);
    await ok(['stop', 'same', '--now']);
    gate.open();
    await until(async () => (await ok(['status', 'same'])).includes('ended (stop request)'));
  });

  it('without a worker: start is refused, a request is left for when one comes', async () => {
    const lost = 'karpathy-loop/lost';
    const refused = await cli(['start', '--worker', 'lost']);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `error: worker: no worker polls queue ${lost}; start one with "npx karpathy-loop worker"\n`,
    ]);
    await server.client.workflow.start('karpathyLoop', { workflowId: 'lonely', taskQueue: lost, args: [{}] });
    const status = await cli(['status', 'lonely']);
    expect([status.code, status.stderr]).toEqual([
      1,
      `error: worker: no worker polls queue ${lost}; start one with "npx karpathy-loop worker"\n`,
    ]);
    expect(await ok(['stop', 'lonely', '--now'])).toBe(
      `no worker polls queue ${lost}: stop takes effect when one does ("npx karpathy-loop worker")\n`,
    );
    stopWorker = await startWorker(server, lost, scriptedSteps(lost));
    await until(async () => (await ok(['status', 'lonely'])).includes('ended (stop request)'));
  });

  it('an id, a namespace or an open loop that is not there is told', async () => {
    const unknown = await cli(['status', 'nobody']);
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      'error: loop: there is no "nobody" on this server; "npx karpathy-loop status" names those that are open\n',
    ]);
    const namespace = await call(['status', '--address', server.address, '--namespace', 'else']);
    const remedy = 'create it with "temporal operator namespace create else"';
    expect([namespace.code, namespace.stderr]).toEqual([
      1,
      `error: temporal: namespace "else" does not exist at ${server.address}; ${remedy}\n`,
    ]);
    await until(async () =>
      (await cli(['pause'])).stderr.startsWith('error: loop: none is open; give the id of an ended one'),
    );
  });

  function flags(): string[] {
    return ['--address', server.address, '--data', join(home, 'data')];
  }

  function cli(args: string[]): Promise<Called> {
    return call([...args, ...flags()], { cwd: home });
  }

  async function ok(args: string[]): Promise<string> {
    const { code, stdout, stderr } = await cli(args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  }
});

/** Until it holds; the test's own timeout is the bound. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 200));
}

function createGate(): { passed: Promise<void>; open: () => void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}
