import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { checkCommandTools, firstWords } from '../../adapters/sandbox/command-tools.ts';
import { toolFlag } from '../../adapters/sandbox/tools.ts';
import { detect } from '../../domain/init/detect.ts';
import type { InitPlan } from '../../domain/init/plan.ts';
import { workCount } from '../../domain/init/work-count.ts';
import { line, quoteWords } from '../../domain/text.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { bringEmbeddedIfNeeded } from '../backend/parts.ts';
import { addServerFlags, serverWords } from '../backend/server-flags.ts';
import { findPlace, readRepository, type Place } from '../init/read-repository.ts';
import { commitFiles, writeLoopFile } from '../init/write-plan.ts';
import { readLoop } from '../loops/loop-file.ts';
import { addAllowFlags, settingsFor } from '../loops/run-settings.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { examineLoop, type DoctorFlags, type Measured } from './doctor.ts';

interface InitFlags extends DoctorFlags {
  yes?: true;
  /** Nothing is granted beside what the flags say, whatever the package needs. */
  isBounded?: true;
}

/** Runs of the benchmark that show how long a verdict takes. */
const runs = 10;

export function define(command: Command): void {
  command
    .argument('[directory]', 'a package in a git repository', '.')
    .option('--yes', 'write and commit without a question');
  addServerFlags(addAllowFlags(command))
    .addHelpText(
      'after',
      `
Finds language, package manager, tests and benchmark, shows what it would do and why, and asks once. Then it writes
loop.json, where there is no benchmark one of what the tests call (which it commits, alone), and runs "doctor".
A loop.json that is there stays as it is.
Examples:
  karpathy-loop init                      in the directory of the package
  karpathy-loop init packages/parser --yes
Exit codes: 0 ready, 1 refused or not ready, 2 wrong command line, 130 interrupted.`,
    )
    .action((given: string, flags: InitFlags) => initPackage(given, flags, createProgress()));
}

/** Does all that `init` does. @throws CommandError where something is refused, or the loop is not ready */
export async function initPackage(given: string, flags: InitFlags, progress: Progress): Promise<void> {
  const place = await findPlace(existsSync(given) ? realpathSync(given) : resolve(given));
  const { directory } = place;
  if (existsSync(join(directory, 'loop.json')))
    throw new CommandError(
      `loop.json: is there already in ${directory}; check it with "npx karpathy-loop doctor ${quoteWords([directory])}", or remove it to begin anew`,
    );
  const schema = fileURLToPath(new URL('../../docs/loop-config.schema.json', import.meta.url));
  const planned = detect(await readRepository(place), pathToFileURL(schema).href);
  if (!planned.ok) throw new CommandError(planned.problems);
  const plan = planned.value;
  const tools = neededTools(plan, flags.tool);
  show(place, plan, { progress, tools });
  await ask(place, { plan, tools, flags });
  const needed: Pick<InitFlags, 'tool' | 'allowSetupNetwork'> = {
    tool: [...new Set([...flags.tool, ...tools.map((flag) => flag.replace('--tool ', ''))])],
    ...((flags.allowSetupNetwork || plan.needsNetwork) && { allowSetupNetwork: true }),
  };
  // Somebody who is asked, or types --yes, grants what the package needs; a program does not.
  const allowed: InitFlags = { ...flags, ...(!flags.isBounded && needed) };
  await commitFiles(place, plan.files);
  await writeLoopFile(directory, plan.config, true);
  const grants = [
    ...(needed.allowSetupNetwork ? ['--allow-setup-network'] : []),
    ...needed.tool.flatMap((tool) => ['--tool', tool]),
  ];
  const next = (command: string) =>
    progress.line(line`next      npx karpathy-loop ${quoteWords([command, given, ...grants])}${serverWords(flags)}`);
  const tried = await tryOut(place, plan, { progress, flags: allowed }).catch((error: unknown) => {
    progress.line(line`not ready yet; correct what failed (loop.json says what runs), commit it, and try again:`);
    next('doctor');
    throw error;
  });
  if (tried && tried.problems.length > 0)
    progress.line(line`first     ollama pull qwen2.5-coder:7b, since no model here can propose anything for this code`);
  next('run');
}

/** Flags of tools that the sandbox would not show. @throws CommandError where one is not on this machine */
function neededTools({ config, tools }: InitPlan, given: readonly string[]): string[] {
  const commands = ['setup', 'build', 'test'].flatMap((field) =>
    typeof config[field] === 'string' ? [config[field]] : [],
  );
  const all = [...commands, config.benchmark.command];
  const words = [...new Set([...all.flatMap(firstWords), ...tools])];
  const shown = ['node', 'npm', 'npx', ...given];
  const missing = words.filter((word) => checkCommandTools(word, shown).length > 0);
  const absent = missing.flatMap((word) =>
    checkCommandTools(word, shown).filter((problem) => problem.includes('command not found')),
  );
  if (absent.length > 0) throw new CommandError(absent);
  return missing.map(toolFlag);
}

function show(
  { directory, below }: Place,
  plan: InitPlan,
  { progress, tools }: { progress: Progress; tools: string[] },
): void {
  progress.line(line`package   ${directory}${below === '.' ? '' : `, begins in ${below}`}`);
  for (const reason of plan.reasons) {
    const [, field = '', text = reason] = /^(\w+): (.*)$/s.exec(reason) ?? [];
    progress.line(line`${field.padEnd(9)} ${text}`);
  }
  if (plan.needsNetwork) progress.line(line`network   for setup alone (--allow-setup-network)`);
  for (const flag of tools) progress.line(line`tool      runs see it read-only (${flag})`);
  for (const { path } of plan.files) progress.line(line`writes    ${path}, and commits it alone`);
  progress.line(line`writes    loop.json; then doctor tests the base in the sandbox and measures the benchmark`);
}

/** Asks once on a terminal; elsewhere --yes is the answer. A closed home is never opened by --yes alone. */
async function ask(
  { directory }: Place,
  { plan, tools, flags }: { plan: InitPlan; tools: string[]; flags: InitFlags },
): Promise<void> {
  const closed = tools.filter((flag) => flag.startsWith('--tool /'));
  const command = ['npx', 'karpathy-loop', 'init', directory, '--yes', ...closed.flatMap((flag) => flag.split(' '))];
  if (flags.yes && closed.length === 0) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    const why = flags.yes
      ? `${closed.length} tools lie in a closed home, which --yes does not open`
      : 'this is no terminal to ask on';
    throw new CommandError(
      `init: nothing was written, since ${why}; type: ${quoteWords(command)}${serverWords(flags)}`,
    );
  }
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await reader
    .question(`Do this${plan.files.length > 0 ? ' (one commit)' : ''}? [Y/n] `)
    .finally(() => reader.close());
  if (!/^(y(es)?)?$/i.test(answer.trim())) throw new CommandError('init: nothing was written', exitCodes.error);
}

/** Measures once to learn how much work a run should do, then as doctor does. */
async function tryOut(
  place: Place,
  plan: InitPlan,
  { progress, flags }: { progress: Progress; flags: InitFlags },
): Promise<Measured> {
  const path = place.directory;
  const data = dataDirectory(flags.data);
  // Kept for the loop: else setup would run again for each.
  makeDataDirectory(data);
  const { config } = readLoop(path, {});
  await bringEmbeddedIfNeeded(config.hypothesis, settingsFor(data, config.repository, flags));
  if (plan.count !== null) await settleCount(path, plan, { progress, flags });
  return examineLoop(path, { ...flags, runs }, progress);
}

/** Makes a run take about half a second. Twice, since what ran only a few times was not compiled yet. */
async function settleCount(
  path: string,
  { config, count: first }: InitPlan,
  { progress, flags }: { progress: Progress; flags: InitFlags },
): Promise<void> {
  const { benchmark } = config;
  const at = benchmark.command.lastIndexOf(first!);
  const [before, after] = [benchmark.command.slice(0, at), benchmark.command.slice(at + first!.length)];
  const unit = benchmark['harness'] === undefined ? 'ms' : 'ns';
  for (let now = Number(first), tries = 0; tries < 2; tries++) {
    const tried = await examineLoop(path, { ...flags, runs: 2 }, progress, 'failures');
    const count = tried && workCount({ ...tried.benchmark, unit }, now);
    if (!count || count === now) return;
    now = count;
    progress.line(line`benchmark ${now} repeats in place of ${first!}, so that a run takes about half a second`);
    const command = `${before}${now}${after}`;
    await writeLoopFile(path, { ...config, benchmark: { ...benchmark, command } }, false);
  }
}
