import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { workflowTypes } from '../../domain/names.ts';
import type { DoctorAnswer, DoctorInput, Finding } from '../../domain/checks.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { diagnose, renderDiagnosis, type Diagnosis } from '../../domain/verdict/diagnosis.ts';
import { median } from '../../domain/verdict/decision.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { openCheckBackend, type CheckBackend } from '../backend/check-backend.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import type { ServerFlags } from '../backend/connection.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { checkEnvironment, failureOf } from '../backend/environment-checks.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { readLoop, type LoopInput } from '../loops/loop-file.ts';
import { runCheck } from '../loops/run-check.ts';
import { addAllowFlags, writeRunSettings, type AllowFlags } from '../loops/run-settings.ts';
import { createScreen, type Screen, print } from '../terminal/screen.ts';
import { addServerFlags } from '../backend/server-flags.ts';
import { line, toJsonLine, type CleanLine } from '../../domain/text.ts';

interface DoctorFlags extends ServerFlags, AllowFlags {
  runs: number;
  json?: true;
}

/** What `--json` prints. */
interface Examination {
  findings: Finding[];
  /** Null without a loop, or where its benchmark could not be run. */
  benchmark: (DoctorAnswer & Omit<Diagnosis, 'findings'>) | null;
}

export function define(command: Command): void {
  command
    .argument('[path]', 'a directory with a loop.json, or such a file: its benchmark is measured too (default: none)')
    .option('--runs <number>', 'runs of the benchmark on the base', toRuns, 40)
    .option('--json', 'print findings and measurements as JSON; progress goes to standard error');
  addServerFlags(addAllowFlags(command))
    .addHelpText(
      'after',
      `
Where nothing is running, server and worker are started for this, as by "run", and end with it. Nothing is left behind, and no repository changes.
Exit codes: 0 no failure, 1 a failure (or refused), 2 wrong command line, 130 interrupted.`,
    )
    .action(doctor);
}

async function doctor(path: string | undefined, flags: DoctorFlags): Promise<void> {
  const loop = path === undefined ? null : readLoop(path, {});
  const interrupt = onInterrupt();
  const data = dataDirectory(flags.data);
  // Where there is none yet, this has one of its own, and removes that one only: a "run" may make the other at any time.
  const own = existsSync(data) ? null : makeOwnDirectory(data);
  const screen = createScreen(flags.json ? process.stderr : process.stdout);
  let examination: Examination;
  try {
    examination = await examine(own ?? data, loop, flags, screen, interrupt);
  } finally {
    if (own !== null) rmSync(own, { recursive: true, force: true });
    screen.clear();
  }
  if (flags.json) print(toJsonLine(examination));
  if (examination.findings.some(({ state }) => state === 'failure')) throw new CommandError([], exitCodes.error);
}

/** On the disk where the data directory would be, and as open to the sandbox's user. */
function makeOwnDirectory(data: string): string {
  let parent = dirname(data);
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    const own = mkdtempSync(join(parent, 'karpathy-loop-doctor-'));
    chmodSync(own, 0o755);
    return own;
  } catch (error) {
    throw new CommandError(
      `data directory: ${data} cannot be made (${(error as NodeJS.ErrnoException).code}); give another with --data`,
    );
  }
}

async function examine(
  data: string,
  loop: LoopInput | null,
  flags: DoctorFlags,
  screen: Screen,
  interrupt: AbortSignal,
): Promise<Examination> {
  const settings = writeRunSettings(data, loop?.config.repository ?? null, flags, 'checkSettings');
  const findings: Finding[] = [];
  const tell = (...found: Finding[]) => {
    findings.push(...found);
    if (!flags.json) found.forEach((finding) => screen.line(renderFinding(finding)));
  };
  screen.step(line`looking at this machine`);
  tell(
    ...(await checkEnvironment({
      data,
      settings: JSON.parse(readFileSync(settings, 'utf8')) as WorkerSettings,
      config: loop?.config ?? null,
    })),
  );
  screen.step(line`looking for server and worker`);
  const backend = await openCheckBackend({ ...flags, data, settings, say: screen.line }).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    tell(...error.lines.map(placeFailure));
    return null;
  });
  if (!backend) return { findings, benchmark: null };
  try {
    tell(await serverFinding(backend), workerFinding(backend));
    return { findings, benchmark: loop && (await measure(backend, loop, flags, screen, tell, interrupt)) };
  } finally {
    screen.step(line`ending`);
    await backend.close();
  }
}

async function measure(
  backend: CheckBackend,
  { written, config }: LoopInput,
  flags: DoctorFlags,
  screen: Screen,
  tell: (...found: Finding[]) => void,
  interrupt: AbortSignal,
): Promise<Examination['benchmark']> {
  const runs = config.benchmark.noise === 'exact' ? 3 : flags.runs;
  screen.step(line`testing the base, then ${runs} runs of: ${config.benchmark.command}`);
  let diagnosed: DoctorAnswer;
  try {
    const input: DoctorInput = { config: written, runs };
    const about = `${runs} runs of the benchmark of ${config.repository}`;
    diagnosed = await runCheck<DoctorAnswer>(backend, workflowTypes.doctor, { input, about, interrupt });
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode === exitCodes.interrupted) throw error;
    tell(...error.lines.map((line) => failureOf(line)));
    return null;
  }
  const { findings, ...diagnosis } = diagnose(diagnosed, config);
  tell(benchmarkFinding(diagnosed, config.benchmark.unit), ...otherMeasures(config));
  if (!flags.json)
    renderDiagnosis({ ...diagnosis, findings }, config).forEach(([subject, text]) =>
      screen.line(line`${' '.repeat(9)}${subject.padEnd(10)}${text}`),
    );
  tell(...findings);
  return { ...diagnosed, ...diagnosis };
}

function benchmarkFinding({ baseSha, runs, runMs }: DoctorAnswer, unit: string): Finding {
  const middle = median(runs.map(({ metric }) => metric));
  const fact = `base ${baseSha.slice(0, 10)} passes its tests; ${runs.length} runs: ${Number(middle.toPrecision(4))} ${unit} (median), ${(runMs / 1000).toFixed(2)} s each`;
  return { subject: 'benchmark', state: 'ok', fact, remedy: null };
}

/** What a candidate has to pass beside the tests and the benchmark. */
function otherMeasures({ sideMetrics, guard }: LoopConfig): Finding[] {
  const names = sideMetrics.map(({ name }) => name).join(', ');
  const side: Finding = {
    subject: 'side',
    state: 'ok',
    fact: `side metrics ${names}: measured on the base, each once (an exact one twice)`,
    remedy: null,
  };
  const untried = `guard "${guard}" was not tried on the base`;
  const heldOut: Finding = {
    subject: 'guard',
    state: 'warning',
    fact: untried,
    remedy: '"run" tries it before the first iteration, and refuses a base that fails it',
  };
  return [...(sideMetrics.length > 0 ? [side] : []), ...(guard === undefined ? [] : [heldOut])];
}

async function serverFinding({ client, address, startedServer }: CheckBackend): Promise<Finding> {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const how = startedServer ? 'can be started (and was, for this check)' : `answers at ${address}`;
  return { subject: 'server', state: 'ok', fact: `Temporal ${serverVersion} ${how}`, remedy: null };
}

function workerFinding({ queue, startedWorker }: CheckBackend): Finding {
  const fact = startedWorker ? 'can be started (and was, for this check)' : `polls ${queue}; it keeps its own settings`;
  return { subject: 'worker', state: 'ok', fact, remedy: null };
}

/** Of starting server and worker: what does not begin with "temporal" is the worker's complaint. */
function placeFailure(line: string): Finding {
  return failureOf(line, line.startsWith('temporal:') ? 'server' : 'worker');
}

function renderFinding({ subject, state, fact, remedy }: Finding): CleanLine {
  return line`${state.padEnd(9)}${subject.padEnd(10)}${fact}${remedy === null ? '' : `; ${remedy}`}`;
}

function toRuns(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 10 || runs > 1_000)
    throw new CommandError(`--runs: "${text}" is not a number from 10 to 1000`, exitCodes.usage);
  return runs;
}
