/**
 * A worker whose activities do nothing: of the bare loop, or of the real workflows. Both have the options of the real worker.
 * Usage: tsx bench/orchestration/no-op-worker.ts bare|real
 */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { scriptedPrepared, scriptedSteps } from '../../test/support/server/scripted-steps.ts';

const [kind] = process.argv.slice(2);
if (kind !== 'bare' && kind !== 'real') throw new Error('say "bare" or "real"');
const queue = `no-op-${kind}`;
const logger = new DefaultLogger('ERROR');
Runtime.install({ logger });

const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
const workflowsPath = fileURLToPath(
  new URL(kind === 'bare' ? 'bare-workflows.ts' : '../../workflows/index.ts', import.meta.url),
);
const steps = scriptedSteps(queue, {
  // The id has the number of iterations, since only `prepare` reads a config: "real-<run>-<iterations>".
  prepare: ({ loopId }) =>
    Promise.resolve(scriptedPrepared(loopId, queue, { iterations: Number(loopId.split('-').at(-1)) })),
});
const worker = await Worker.create({
  connection,
  taskQueue: queue,
  workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
  activities: kind === 'bare' ? { noOp: () => Promise.resolve() } : steps,
  maxConcurrentActivityTaskExecutions: 20,
  stickyQueueScheduleToStartTimeout: '2s',
});
process.once('disconnect', () => worker.shutdown());
console.log(JSON.stringify({ ready: true, queue }));
await worker.run();
await connection.close();
process.exit(0);
