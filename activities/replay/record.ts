import type { ReplayLanguage } from '../../adapters/replay/languages.ts';
import { recordingDirectory, type Recorded } from '../../domain/replay/contract.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { baseFacts } from '../measure/baseline.ts';
import { execute, newBenchSeed } from '../measure/execute.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';
import { withStaged } from './stage.ts';

/** Longest time in which tests and benchmark together are recorded, in seconds; a later call is not seen. */
const maxSeconds = 60;
const maxKiB = 16 * 1024;

/** Runs tests and benchmark of the base with recorders in its modules; once per loop. */
export async function recordCalls(
  context: StepContext,
  base: RunnableTree,
  staged: { modules: ReadonlyMap<string, string>; language: ReplayLanguage },
): Promise<Recorded[]> {
  const { loop } = context;
  const file = loopPaths(loop.directory).recorded(staged.language.languages[0]!);
  const known = await readJson<Recorded[]>(file);
  if (known) return known;
  const { workspace } = await baseFacts(context);
  const { test, benchmark } = loop.plan.config;
  const command = recordingCommand([test, benchmark.command]);
  context.say('recording calls of the base');
  const recorded = await withStaged(loop, base, staged, async (tree) => {
    const request = {
      ...tree,
      workspace,
      command,
      seconds: maxSeconds + 20,
      outputKiB: maxKiB,
      benchSeed: newBenchSeed(),
    };
    const { stdout } = await exclusively(context, (held) => execute(held, request));
    return stdout.split('\n').flatMap(parseLine);
  });
  await writeAtomically(file, JSON.stringify(recorded));
  return recorded;
}

/** Ends the commands after a time, and prints what was recorded until then. */
function recordingCommand(commands: readonly string[]): string {
  const runs = commands.map((command) => `(${command}\n)`).join('\n');
  return `(${runs}\n) </dev/null >/dev/null 2>&1 &
run=$! turns=${maxSeconds * 10}
while kill -0 $run 2>/dev/null && [ $turns -gt 0 ]; do sleep 0.1; turns=$((turns - 1)); done
cat "\${TMPDIR:-/tmp}"/${recordingDirectory}/*.jsonl 2>/dev/null | head -c ${maxKiB * 1000}
exit 0`;
}

function parseLine(line: string): Recorded[] {
  try {
    return [JSON.parse(line) as Recorded];
  } catch {
    return [];
  }
}
