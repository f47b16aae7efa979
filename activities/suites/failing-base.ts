import { execute, explainRun, newBenchSeed } from '../measure/execute.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { hintsFor } from '../trees/hints.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';

/**
 * Tells why the base fails its tests; by leave of the worker's owner they run once outside of the sandbox.
 * @param failure how they failed inside
 */
export async function explainFailingBase(
  context: StepContext,
  tree: RunnableTree,
  failure: { problem: string; runs: string },
): Promise<string> {
  const hints = await hintsFor(context.loop, 'test', tree, failure.problem);
  const problem = [...hints, failure.problem].join('\n');
  const correct = `correct the command or the base (${failure.runs})`;
  const { baseSha, config } = context.loop.plan;
  const base = `the base ${baseSha.slice(0, 10)}`;
  if (context.worker.sandbox.kind === 'none') return `test: fails on ${base}; ${correct}\n${problem}`;
  if (!context.machineLock.hasOutside)
    return `test: fails on ${base} in the sandbox; ${correct}, or ${tryOutside}\n${problem}`;
  const { test: command, limits } = config;
  const benchSeed = newBenchSeed();
  const request = { ...tree, command, workspace: 'copy', network: true, seconds: limits.testSeconds } as const;
  const result = await exclusively(context, (held) =>
    execute({ ...held, sandbox: { ...held.sandbox, run: held.sandbox.runOutside! } }, { ...request, benchSeed }),
  );
  if (result.status !== 'ok')
    return `test: fails on ${base} inside and outside of the sandbox: ${correct}\n${explainRun('outside', result)}`;
  return `test: fails on ${base} in the sandbox and passes outside: ${needsMore}\n${problem}`;
}

const needsMore =
  'it needs something that the sandbox does not give (a service, the network, a path); start the service in the test ' +
  'command, make files in "setup" and name them in "provided", or ask for paths, devices and variables in "sandbox"';
const tryOutside =
  'let it run once outside of the sandbox (run --check-outside, or "outsideCheck" in the worker\'s settings) ' +
  'to see whether it needs something from there';
