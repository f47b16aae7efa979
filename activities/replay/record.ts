import type { ReplayLanguage } from '../../adapters/replay/languages.ts';
import { recordingDirectory, type BaseCalls, type Recorded } from '../../domain/replay/contract.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { baseFacts } from '../measure/baseline.ts';
import { execute, newBenchSeed } from '../measure/execute.ts';
import type { MountedTree, RunnableTree } from '../trees/runnable-tree.ts';
import { withStaged } from './stage.ts';

/** Longest time in which the tests, and then the benchmark, are recorded, in seconds; a later call is not seen. */
const maxSeconds = 40;
const maxKiB = 16 * 1024;

/** Runs tests and benchmark of the base with recorders in its modules; once per loop. */
export async function recordCalls(
  context: StepContext,
  base: RunnableTree,
  staged: { modules: ReadonlyMap<string, string>; language: ReplayLanguage },
): Promise<BaseCalls> {
  const { loop } = context;
  const file = loopPaths(loop.directory).recorded(staged.language.languages[0]!);
  const known = await readJson<BaseCalls>(file);
  if (known) return known;
  const { workspace } = await baseFacts(context);
  const { test, benchmark } = loop.plan.config;
  context.say('recording calls of the base');
  const calls = await withStaged(loop, base, staged, async (tree): Promise<BaseCalls> => {
    const tests = await record(context, { ...tree, workspace }, test);
    const measured = await record(context, { ...tree, workspace }, benchmark.command);
    const [called, benchmarked] = [tests.calls, measured.calls] as [Recorded[], Recorded[]];
    return { tests: called, benchmark: benchmarked, isUntouched: measured.hasEnded && !measured.hasLoaded };
  });
  await writeAtomically(file, JSON.stringify(calls));
  return calls;
}

/** Ends the command after a time, and reads what was recorded until then. */
export async function record(context: StepContext, tree: MountedTree, recorded: string, benchSeed = newBenchSeed()) {
  const command = `(${recorded}
) </dev/null >/dev/null 2>&1 &
run=$! turns=${maxSeconds * 10} recorded="\${TMPDIR:-/tmp}"/${recordingDirectory}
while kill -0 $run 2>/dev/null && [ $turns -gt 0 ]; do sleep 0.1; turns=$((turns - 1)); done
kill -0 $run 2>/dev/null || echo ended
[ -d "$recorded" ] && echo loaded
cat "$recorded"/*.jsonl 2>/dev/null | head -c ${maxKiB * 1000}
exit 0`;
  const request = { ...tree, command, seconds: maxSeconds + 20, outputKiB: maxKiB, benchSeed };
  const { stdout } = await exclusively(context, (held) => execute(held, request));
  const lines = stdout.split('\n');
  const calls = lines.flatMap(parseLine);
  return { calls, hasEnded: lines.includes('ended'), hasLoaded: lines.includes('loaded') };
}

function parseLine(line: string): object[] {
  try {
    const parsed: unknown = JSON.parse(line);
    // Throws where it nests too deep for its readers.
    JSON.stringify(parsed);
    return typeof parsed === 'object' && parsed !== null ? [parsed] : [];
  } catch {
    return [];
  }
}
