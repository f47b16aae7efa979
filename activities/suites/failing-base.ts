import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { insideHome } from '../../adapters/sandbox/bubblewrap/etc-files.ts';
import { execute, explainRun, newBenchSeed } from '../measure/execute.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';
import { asksGit, gitHint, strayHint } from '../trees/stray.ts';
import { uncommittedNamedBy } from '../trees/uncommitted.ts';

/**
 * Tells why the base fails its tests; by leave of the worker's owner they run once outside of the sandbox.
 * @param failure how they failed inside
 */
export async function explainFailingBase(
  context: StepContext,
  tree: RunnableTree,
  failure: { problem: string; runs: string },
): Promise<string> {
  const stray = await strayHint(context.loop, tree);
  const hints = [
    ...(await uncommittedNamedBy(context.loop, 'test', failure.problem)),
    ...hintsFor(failure.problem),
    ...(stray === null ? [] : [stray]),
  ];
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

/** Reads in the output which difference of the sandbox may be at fault. */
function hintsFor(failure: string): string[] {
  const hints: string[] = [];
  if (asksGit.test(failure)) hints.push(`test: ${gitHint}`);
  const read = new RegExp(`${insideHome}/([^\\s'":,)]+)`).exec(failure)?.[1];
  const outside = read === undefined ? null : sharedDirectory(read);
  if (outside !== null)
    hints.push(
      `test: reads ${insideHome}/${read}, and the home inside is empty; ${join(homedir(), read!)} is there: let runs read it with ` +
        `"sandbox": { "readOnly": ["home-data"] } and HOME=${homedir()} before the command in loop.json, and --allow-read-only home-data=${outside}`,
    );
  else if (failure.includes(insideHome))
    hints.push(
      `test: the home of its user (${insideHome}) is empty and read-only; ` +
        'put HOME=$TMPDIR before the command where tests need one, and let in what they read there with --allow-read-only',
    );
  if (/EROFS|Read-only file system/i.test(failure) && /\bnode_modules\//.test(failure))
    hints.push(
      'test: writes into node_modules, which is read-only there but for .vite, .vite-temp and .cache; ' +
        'let the tool keep its cache in $TMPDIR',
    );
  return hints;
}

/** Directory of the person's home in which a path that a test reads lies: two levels of a hidden one, such as .cache/name. */
function sharedDirectory(path: string): string | null {
  if (!existsSync(join(homedir(), path))) return null;
  const parts = path.split('/');
  const depth = Math.max(1, Math.min(parts.length - 1, parts[0]!.startsWith('.') ? 2 : 1));
  return join(homedir(), ...parts.slice(0, depth));
}
