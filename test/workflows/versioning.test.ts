import { setTimeout as pause } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Steps } from '../../domain/steps.ts';
import type { karpathyLoop } from '../../workflows/loop.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { activitiesStarted } from '../support/server/histories.ts';
import { deferred } from '../support/server/loop-run.ts';
import { copiedBundle } from '../support/server/modified-workflows.ts';
import { scriptedPrepared, scriptedSteps } from '../support/server/scripted-steps.ts';
import { startServer, startWorker, temporalBinary, workflowBundle } from '../support/server/temporal.ts';

const [queue, deploymentName] = ['versioned', 'karpathy-loop'];
/** So many that the word of a new version, which takes its time through the server, comes before the last. */
const iterations = 20;

describeWithServer('a loop while its worker is upgraded', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => void (env = await startServer()));
  afterAll(() => env.teardown());

  const versioned = (buildId: string, steps: Steps, bundle: WorkflowBundleOption) =>
    startWorker(env, queue, steps, {
      workflowBundle: bundle,
      workerDeploymentOptions: {
        version: { deploymentName, buildId },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'PINNED',
      },
    });

  /** The server knows of a version once a worker of it polls. */
  async function setCurrent(buildId: string): Promise<void> {
    const flags = ['--deployment-name', deploymentName, '--build-id', buildId, '--address', env.address, '--yes'];
    for (let tries = 0; ; tries++) {
      const set = await execa(temporalBinary, ['worker', 'deployment', 'set-current-version', ...flags], {
        reject: false,
      });
      if (set.exitCode === 0) return;
      if (tries === 60) throw new Error(set.stderr);
      await pause(500);
    }
  }

  async function buildOf(workflowId: string, runId?: string): Promise<string | undefined> {
    const { raw } = await env.client.workflow.getHandle(workflowId, runId).describe();
    return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
  }

  it('begins on build 1 and ends on build 2, and each iteration stays on the build on which it began', async () => {
    const [reached, released] = [deferred(), deferred()];
    const ran: string[] = [];
    const stepsOf = (build: string): Steps =>
      scriptedSteps(queue, {
        prepare: ({ loopId }) => Promise.resolve(scriptedPrepared(loopId, queue, { iterations })),
        test: async ({ iteration }) => {
          ran.push(`${iteration} on ${build}`);
          if (iteration === 2) await (reached.resolve(), released.promise);
          if (iteration > 2 && build === 'build-1') await pause(500);
          return { kind: 'passed' };
        },
      });
    const stopFirst = await versioned('build-1', stepsOf('build-1'), await workflowBundle());
    const stops = [stopFirst];
    try {
      await setCurrent('build-1');
      const handle = await env.client.workflow.start<typeof karpathyLoop>('karpathyLoop', {
        workflowId: 'upgraded',
        taskQueue: queue,
        args: [{}],
      });
      await reached.promise;
      // Of a version that no history of build 1 would replay on.
      stops.push(await versioned('build-2', stepsOf('build-2'), await copiedBundle({ incompatible: true })));
      await setCurrent('build-2');
      released.resolve();
      expect(await handle.result()).toMatchObject({ stop: 'iterations', committed: iterations, iteration: iterations });
      // A step that is held may be tried again.
      const builds = [...new Set(ran)].map((line) => line.split(' on ')[1]);
      const moved = builds.indexOf('build-2') + 1;
      expect(moved).toBeGreaterThan(2);
      const expected = Array.from({ length: iterations }, (_, index) => (index + 1 < moved ? 'build-1' : 'build-2'));
      expect(builds).toEqual(expected);
      expect(await Promise.all(expected.map((_, index) => buildOf(`upgraded/iter-${index + 1}`)))).toEqual(expected);
      expect([await buildOf('upgraded', handle.firstExecutionRunId), await buildOf('upgraded')]).toEqual([
        'build-1',
        'build-2',
      ]);
      const analyses = async (n: number) =>
        activitiesStarted(await env.client.workflow.getHandle(`upgraded/iter-${n}`).fetchHistory()).filter(
          (name) => name === 'analyze',
        ).length;
      expect([await analyses(2), await analyses(iterations)]).toEqual([1, 2]);
    } finally {
      await Promise.all(stops.map((stop) => stop()));
    }
  });
});
