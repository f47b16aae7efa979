import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ownFile } from '../adapters/own-files.ts';
import { toBlock } from '../domain/text.ts';
import { exampleLines } from './examples.ts';
import { CommandError, exitCodes, exitMeanings } from './terminal/command-error.ts';

/** Loads a command's file only when it is called: `decide` in a script must not wait for Temporal's client. */
const commands: Record<string, [string, load: () => Promise<{ define(command: Command): void }>]> = {
  init: [
    'find out tests and benchmark of a package, write its loop.json and try it',
    () => import('./commands/init.ts'),
  ],
  run: ['improve a repository: all in one, from server and worker to the report', () => import('./commands/run.ts')],
  attach: ['show a loop from any terminal, to its report', () => import('./commands/attach.ts')],
  down: ['end the server and the worker that "run" has brought up', () => import('./backend/daemon-commands.ts')],
  start: ['start a loop on a worker and return', () => import('./commands/start.ts')],
  schedule: [
    'start loops again and again, each from what the one before has committed',
    () => import('./commands/schedule.ts'),
  ],
  mcp: ['serve a coding agent, on standard input and output', () => import('./mcp/command.ts')],
  worker: ['work for loops, in the foreground', () => import('./commands/worker.ts')],
  status: ['say where a loop is', () => import('./commands/status.ts')],
  pause: ['let a loop wait after its current iteration', () => import('./commands/steer.ts')],
  resume: ['let a paused loop go on', () => import('./commands/steer.ts')],
  stop: ['end a loop', () => import('./commands/stop.ts')],
  brief: ['print what would be asked next, with its tokens', () => import('./commands/brief.ts')],
  hint: ['tell whoever proposes something, from the next iteration on', () => import('./commands/steer.ts')],
  watch: ['show the report as it grows, on the terminal or as a page', () => import('./commands/review/watch.ts')],
  report: ['tell what every iteration came to', () => import('./commands/review/report.ts')],
  show: ['tell all of one iteration: diff, pairs, costs, prompt and answer', () => import('./commands/review/show.ts')],
  pick: [
    'make a branch of chosen commits of a loop, tested and measured again together',
    () => import('./commands/review/pick.ts'),
  ],
  revert: [
    'make a branch without one commit of a loop, tested and measured again together',
    () => import('./commands/review/pick.ts'),
  ],
  verify: ['measure a commit again, against its parent, on this machine', () => import('./commands/verify.ts')],
  doctor: ['check what a loop needs here, and how noisy a benchmark is', () => import('./commands/doctor.ts')],
  clean: ['remove what an ended loop has left on this machine', () => import('./commands/clean.ts')],
  adopt: ['let a commit of this product become the build that its worker runs', () => import('./adoption/adopt.ts')],
  selves: ['say which build works, and prove the chain of those before it', () => import('./adoption/selves.ts')],
  setup: ['bring what is missing: server, sandbox, embedded engine', () => import('./commands/install.ts')],
  completion: ['print a script that completes commands and flags in a shell', () => import('./commands/install.ts')],
  decide: [
    'judge pairs of measurements: JSON on standard input, the verdict as JSON on standard output',
    () => import('./commands/decide.ts'),
  ],
};

/** Commands that other commands give. */
const hidden: typeof commands = {
  daemon: ['keep server and worker of a data directory', () => import('./backend/daemon-commands.ts')],
};

/** Runs the command line and returns the exit code; prints errors, one line per fact. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const program = await createProgram(argv.slice(2));
    await program.parseAsync(argv);
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    // Temporal's errors need to be explained: their own first line says little.
    const lines =
      error instanceof CommandError ? error.lines : (await import('./loops/failure-lines.ts')).failureLines(error);
    // A line that is set in is another program's.
    for (const line of lines) process.stderr.write(`${/^\s/.test(line) ? '' : 'error: '}${toBlock(line)}\n`);
    return error instanceof CommandError ? error.exitCode : exitCodes.error;
  }
}

const epilogue = () => `
Exit codes:
${exitCodeLines()}

The Temporal server is found as by the temporal CLI: --address and --namespace, else TEMPORAL_ADDRESS and
TEMPORAL_NAMESPACE, else temporal.toml.
The data directory: --data, else KARPATHY_LOOP_DATA, else /var/lib/karpathy-loop for root and
~/.local/share/karpathy-loop for others.`;

function exitCodeLines(): string {
  const codes = Object.entries(exitMeanings) as [keyof typeof exitCodes, string][];
  return codes.map(([name, meaning]) => `  ${String(exitCodes[name]).padEnd(4)} ${meaning}`).join('\n');
}

/** Defines the command that the arguments call; `isWhole`, and for "completion", all of them. */
export async function createProgram(args: readonly string[], isWhole = false): Promise<Command> {
  const manifest = readFileSync(ownFile('package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const program = new Command('karpathy-loop')
    .description(
      'A durable loop that improves code: hypothesis, sandbox, tests, benchmark, verdict, commit or rollback.',
    )
    .version(version)
    .exitOverride()
    .addHelpText('after', epilogue());
  const called = args.find((argument) => Object.hasOwn(commands, argument));
  for (const [name, [description, load]] of Object.entries(commands)) {
    const command = program.command(name).description(description);
    if (isWhole || called === 'completion' || name === called) (await load()).define(command);
    command.addHelpText('after', exampleLines(name));
  }
  const [name] = args;
  if (name !== undefined && Object.hasOwn(hidden, name)) {
    const [description, load] = hidden[name]!;
    (await load()).define(program.command(name, { hidden: true }).description(description));
  }
  return program;
}
