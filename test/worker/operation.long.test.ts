import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { tryLock } from '../../adapters/lock.ts';
import { versionIn } from '../../worker/deployment.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { freePort } from '../support/ollama.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { exactRounds, proposals, scriptedSource, slowExactRounds, targetConfig } from '../support/repository/target.ts';
import { useWorkbench } from '../support/workbench.ts';
import { startWorkerProcess } from '../support/server/worker-process.ts';

describeWithServer('a worker process in operation', () => {
  const bench = useWorkbench();

  const settings = (answers: Parameters<typeof scriptedSource>[1]) => {
    const { command } = scriptedSource(bench.data.path, answers);
    return { repositories: [bench.target.path], commandSources: { script: { command } } };
  };

  it('of a deployment makes its version current, takes a loop on its own queue to its end, and serves metrics and log lines of it', async () => {
    const metrics = `127.0.0.1:${await freePort()}`;
    bench.worker = await startWorkerProcess(
      bench.server.address,
      bench.data.path,
      settings([proposals.faster, proposals.broken]),
      {},
      ['--deployment', 'night', '--metrics', metrics],
    );
    const version = versionIn('night');
    const { workerDeploymentInfo } = await bench.server.client.workflowService.describeWorkerDeployment({
      namespace: 'default',
      deploymentName: 'night',
    });
    expect(workerDeploymentInfo?.routingConfig?.currentDeploymentVersion).toMatchObject(version);
    const args = [targetConfig(bench.target.path, { iterations: 2, profile: 'none', benchmark: exactRounds })];
    const handle = await bench.server.client.workflow.start('karpathyLoop', {
      workflowId: 'versioned',
      taskQueue: bench.worker.queue,
      args,
    });
    expect(await handle.result()).toMatchObject({
      committed: 1,
      rolledBack: 1,
      iteration: 2,
    } satisfies Partial<LoopResult>);
    const { raw } = await bench.server.client.workflow.getHandle('versioned/iter-1').describe();
    expect(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion).toMatchObject(version);

    const served = await (await fetch(`http://${metrics}/metrics`)).text();
    const values = served.split('\n').filter((line) => line.startsWith('karpathy_loop_'));
    const has = (name: string, ...labels: string[]) =>
      values.some((line) => line.startsWith(name) && labels.every((label) => line.includes(label)));
    expect(has('karpathy_loop_iterations_total{', 'outcome="committed"', 'reason="none"')).toBe(true);
    expect(has('karpathy_loop_iterations_total{', 'outcome="rolledBack"', 'reason="tests-failed"')).toBe(true);
    expect(has('karpathy_loop_step_seconds_bucket{', 'step="benchmark"', 'result="accepted"', 'le="2.5"')).toBe(true);
    expect(has('karpathy_loop_pairs_total{')).toBe(true);
    expect(has('karpathy_loop_model_answer_seconds_count{')).toBe(true);
    expect(has('karpathy_loop_machine_lock_wait_seconds_count{', 'activityType="test"')).toBe(true);
    expect(served).toMatch(/# HELP karpathy_loop_iterations\w* .*outcome and reason/);

    const steps = linesOf(bench.data.path).filter(({ message }) => message === 'step');
    expect(steps.filter(({ iteration }) => iteration === 2).map(({ step, result }) => [step, result])).toEqual([
      ...[
        ['collect', 'done'],
        ['analyze', 'done'],
        ['hypothesize', 'hypothesis'],
        ['apply', 'applied'],
        ['test', 'tests-failed'],
        ['rollback', 'tests-failed'],
      ],
    ]);
    for (const step of steps)
      expect(step).toMatchObject({ loopId: 'versioned', seconds: expect.any(Number) as number });
  });

  it('on SIGTERM gives up what runs, leaves nothing behind, and ends with exit code 0; the step is done again by the next worker', async () => {
    const options = settings([proposals.faster]);
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, options);
    const args = [targetConfig(bench.target.path, { profile: 'none', benchmark: slowExactRounds })];
    const handle = await bench.server.client.workflow.start('karpathyLoop', {
      workflowId: 'drained',
      taskQueue: bench.worker.queue,
      args,
    });
    await untilStep(bench.server, 'drained/iter-1', 'benchmark');
    await bench.worker.stop();
    expect(bench.worker.process.exitCode).toBe(0);
    const unlock = await tryLock(join(bench.data.path, 'worker.lock'));
    expect(unlock).not.toBeNull();
    await unlock!();
    expect(linesOf(bench.data.path).filter(({ errorType }) => errorType === 'WorkerShutdown')).toMatchObject([
      { loopId: 'drained', iteration: 1, step: 'benchmark', attempt: 1, result: 'error' },
    ]);
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, options);
    expect(await handle.result()).toMatchObject({ committed: 1, failed: 0 } satisfies Partial<LoopResult>);
  });

  it('ends by itself where the command that started it was killed before it was ready', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'worker/worker.ts', '--data', bench.data.path], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, TEMPORAL_ADDRESS: bench.server.address },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const exited = once(child, 'exit');
    try {
      child.disconnect();
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('ends at once on a second SIGTERM', async () => {
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, settings([proposals.faster]));
    const args = [targetConfig(bench.target.path, { test: 'sleep 600', profile: 'none' })];
    await bench.server.client.workflow.start('karpathyLoop', {
      workflowId: 'twice',
      taskQueue: bench.worker.queue,
      args,
    });
    await untilStep(bench.server, 'twice', 'prepare');
    const exited = once(bench.worker.process, 'exit');
    // The tests sleep, so that it drains for a second at least. Two signals that reach a busy process together are one to it: hence more of them.
    const again = setInterval(() => bench.worker!.process.kill('SIGTERM'), 20);
    expect(await exited.finally(() => clearInterval(again))).toEqual([null, 'SIGTERM']);
    expect(linesOf(bench.data.path).some(({ state }) => state === 'STOPPING')).toBe(true);
  });
});

function linesOf(data: string): Record<string, unknown>[] {
  const lines = readFileSync(join(data, 'worker.log'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function untilStep({ client }: TestWorkflowEnvironment, workflowId: string, step: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const isRunning = async () => {
    const { raw } = await handle.describe();
    return (raw.pendingActivities ?? []).some(
      ({ activityType, state }) => activityType?.name === step && Number(state) === 2,
    );
  };
  while (!(await isRunning().catch(() => false))) await sleep(50);
}
