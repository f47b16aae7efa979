import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { DoctorAnswer, DoctorInput, Finding } from '../../domain/checks.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { workflowTypes } from '../../domain/names.ts';
import { median } from '../../domain/verdict/decision.ts';
import { outsideShare } from '../../domain/benchmark/findings.ts';
import { profileFindings } from '../../domain/benchmark/profile-findings.ts';
import { diagnose, renderDiagnosis, type Diagnosis } from '../../domain/verdict/diagnosis.ts';
import { namingFindings } from '../../domain/protection/test-count.ts';
import { describeFlaky, nameTests } from '../../domain/protection/flaky-tests.ts';
import { line, toJsonLine } from '../../domain/text.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { openCheckBackend, type CheckBackend } from '../backend/check-backend.ts';
import { checkEnvironment } from '../backend/environment-checks.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { readLoop, type LoopInput } from '../loops/loop-file.ts';
import { runCheck } from '../loops/run-check.ts';
import { addAllowFlags, writeRunSettings, type AllowFlags } from '../loops/run-settings.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { ok, parseFailure, parseFailures, renderFinding, warning } from '../terminal/findings.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { createProgress, print, type Progress } from '../terminal/progress.ts';

export interface DoctorFlags extends ServerFlags, AllowFlags {
  runs: number;
  json?: true;
}

/** Null without a loop, or where its benchmark could not be run. */
export type Measured = (DoctorAnswer & Omit<Diagnosis, 'findings'>) | null;

interface Examination {
  data: string;
  loop: LoopInput | null;
  flags: DoctorFlags;
  progress: Progress;
  interrupt: AbortSignal;
  told: 'all' | 'failures';
  tell: (...findings: Finding[]) => void;
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
Where nothing is running, server and worker are started for this, as by "run", and end with it.
Nothing is left behind, and no repository changes.
Exit codes: 0 no failure, 1 a failure (or refused), 2 wrong command line, 130 interrupted.`,
    )
    .action(doctor);
}

const tones = { ok: 'plain', warning: 'doubt', failure: 'bad' } as const;

async function doctor(path: string | undefined, flags: DoctorFlags): Promise<void> {
  await examineLoop(path, flags, createProgress(flags));
}

/** Looks at machine and loop and tells what it finds. @throws CommandError at the end where there was a failure */
export async function examineLoop(
  path: string | undefined,
  flags: DoctorFlags,
  progress: Progress,
  told: 'all' | 'failures' = 'all',
): Promise<Measured> {
  const loop = path === undefined ? null : readLoop(path, {});
  const interrupt = onInterrupt();
  const data = dataDirectory(flags.data);
  // A "run" may make the data directory at any time: only one of its own is removed after.
  const own = existsSync(data) ? null : makeOwnDirectory(data);
  const findings: Finding[] = [];
  const tell = (...found: Finding[]) => {
    findings.push(...found);
    const shown = told === 'all' ? found : found.filter(({ state }) => state === 'failure');
    if (flags.json) return;
    for (const finding of shown) for (const text of renderFinding(finding)) progress.line(text, tones[finding.state]);
  };
  let benchmark: Measured;
  try {
    benchmark = await examine({ data: own ?? data, loop, flags, progress, interrupt, told, tell });
  } finally {
    if (own !== null) rmSync(own, { recursive: true, force: true });
    progress.clear();
  }
  if (flags.json) print(toJsonLine({ findings, benchmark }));
  if (findings.some(({ state }) => state === 'failure')) throw new CommandError([], exitCodes.error);
  return benchmark;
}

/** Makes one on the same disk, open to the sandbox's user. */
function makeOwnDirectory(data: string): string {
  let parent = dirname(data);
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    const own = mkdtempSync(join(parent, 'karpathy-loop-doctor-'));
    chmodSync(own, 0o755);
    return own;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`data directory: ${data} cannot be made (${code}); give another with --data`);
  }
}

async function examine(examination: Examination): Promise<Measured> {
  const { data, loop, flags, progress, told, tell } = examination;
  const file = writeRunSettings(data, loop?.config.repository ?? null, flags, 'checkSettings');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as WorkerSettings;
  if (told === 'all') {
    progress.step(line`looking at this machine`);
    tell(...(await checkEnvironment({ data, settings, config: loop?.config ?? null })));
  }
  progress.step(line`looking for server and worker`);
  const options = { ...flags, data, settings: file, say: progress.line };
  const backend = await openCheckBackend(options).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    // Starting server and worker: a line that does not begin with "temporal:" is the worker's.
    tell(...parseFailures(error.lines, (line) => (line.startsWith('temporal:') ? 'server' : 'worker')));
    return null;
  });
  if (!backend) return null;
  try {
    tell(...(await backendFindings(backend)));
    return loop && (await measure(examination, backend, loop));
  } finally {
    progress.step(line`ending`);
    await backend.close();
  }
}

/** Where nobody chose the source, another one may still be brought, or named on the command line of `run`. */
function sourceFindings({ problems }: DoctorAnswer, { hypothesis }: LoopConfig): Finding[] {
  const state = hypothesis.source === 'auto' ? 'warning' : 'failure';
  return problems.map((problem) => ({ ...parseFailure(problem), state }));
}

async function measure(
  { flags, progress, interrupt, told, tell }: Examination,
  backend: CheckBackend,
  { written, config }: LoopInput,
): Promise<Measured> {
  const { runs } = flags;
  progress.step(line`testing the base, then ${runs} runs of the benchmark: ${config.benchmark.command}`);
  let answer: DoctorAnswer;
  try {
    const input: DoctorInput = { config: written, runs };
    const about = `${runs} runs of the benchmark of ${config.repository}`;
    answer = await runCheck<DoctorAnswer>(backend, workflowTypes.doctor, {
      input,
      about,
      interrupt,
      show: progress.step,
    });
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode === exitCodes.interrupted) throw error;
    tell(...parseFailures(error.lines));
    return null;
  }
  const { findings, ...diagnosis } = diagnose(answer, config);
  tell(
    ...flakyFindings(answer),
    ...namingFindings(answer.naming),
    ...unnoticedFindings(answer),
    ...answer.notes.map((note) => ({ ...parseFailure(note, 'editable'), state: 'warning' as const })),
    ...sourceFindings(answer, config),
    benchmarkFinding(answer, config.benchmark),
    ...profileFindings(answer, config),
    ...otherMeasures(config),
  );
  if (!flags.json && told === 'all')
    renderDiagnosis({ ...diagnosis, findings }, config).forEach(([subject, text]) =>
      progress.line(line`${' '.repeat(9)}${subject.padEnd(10)}${text}`),
    );
  tell(...findings);
  return { ...answer, ...diagnosis };
}

function flakyFindings({ testRuns }: DoctorAnswer): Finding[] {
  const flaky = describeFlaky(testRuns);
  const remedy = 'mend them; until then a failure of nothing else is repeated, or passes with "flaky": "ignore"';
  return flaky ? [warning('tests', `flaky: ${flaky}`, remedy)] : [];
}

/** A candidate may break what no test notices. */
function unnoticedFindings({ unnoticed: found }: DoctorAnswer): Finding[] {
  if (!found) return [];
  const { tried, unnoticed, canFail } = found;
  const names = nameTests(unnoticed);
  const fact = `pass though ${names} throws (${unnoticed.length} of the ${tried} largest exported functions)`;
  const [none, remedy] = ['pass though an assertion that fails was put into each', 'see that they can fail'];
  return [
    ...(unnoticed.length > 0
      ? [warning('tests', fact, 'test it: no candidate that breaks it is refused by them')]
      : []),
    ...(canFail ? [] : [warning('tests', `${none}, or none was found to put it into`, remedy)]),
  ];
}

function benchmarkFinding(
  { baseSha, runs, runMs, benchmark: facts }: DoctorAnswer,
  benchmark: LoopConfig['benchmark'],
): Finding {
  const middle = Number(median(runs.map(({ metric }) => metric)).toPrecision(4));
  const outside = outsideShare(facts, benchmark);
  const each = `${middle} ${benchmark.unit} (median), ${(runMs / 1000).toFixed(2)} s each${outside ? `; ${outside.text}` : ''}`;
  return ok('benchmark', `base ${baseSha.slice(0, 10)} passes its tests; ${runs.length} runs: ${each}`);
}

/** Tells of exact side metrics and guard, which a candidate has to pass too. */
function otherMeasures({ sideMetrics, guard }: LoopConfig): Finding[] {
  const exact = sideMetrics.filter(({ noise }) => noise === 'exact').map(({ name }) => name);
  const side = ok('side', `exact side metrics ${exact.join(', ')}: each the same twice on the base`);
  const remedy = '"run" tries it before the first iteration, and refuses a base that fails it';
  const heldOut = warning('guard', `guard "${guard}" was not tried on the base`, remedy);
  return [...(exact.length > 0 ? [side] : []), ...(guard === undefined ? [] : [heldOut])];
}

async function backendFindings({ client, address, queue, ...own }: CheckBackend): Promise<Finding[]> {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const started = 'can be started (and was, for this check)';
  return [
    ok('server', `Temporal ${serverVersion} ${own.startedServer ? started : `answers at ${address}`}`),
    ok('worker', own.startedWorker ? started : `polls ${queue}; it keeps its own settings`),
  ];
}

function toRuns(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 10 || runs > 1_000)
    throw new CommandError(`--runs: "${text}" is not a number from 10 to 1000`, exitCodes.usage);
  return runs;
}
