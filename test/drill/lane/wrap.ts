import {
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { createActivities } from '../../../activities/index.ts';
import { inRepository, type Kill, type Step } from '../points.ts';
import type { Execution } from '../check/executions.ts';
import { lanePaths, type LanePaths } from './paths.ts';
import { hasSandboxedRun } from './process-tree.ts';

type Activities = ReturnType<typeof createActivities>;
type Input = Partial<Record<'loopId' | 'repository', string>> & { iteration?: number; config?: { repository: string } };

/** Activities that leave on disk when they start and end, and that carry out the kills that lie armed in the lane. */
export function wrapActivities(activities: Activities, lane: string, data: string): Activities {
  const paths = lanePaths(lane);
  restoreArms(paths);
  const file = openSync(paths.executions, 'a');
  const log = (event: Execution['event'], step: Step, input: Input) => {
    const { workflowExecution, activityId, attempt } = Context.current().info;
    const line: Execution = {
      at: Date.now(),
      event,
      step,
      ...workflowExecution!,
      activityId,
      attempt,
      iteration: input.iteration ?? 0,
      loopId: input.loopId ?? '',
    };
    writeSync(file, `${JSON.stringify(line)}\n`);
    fsyncSync(file);
  };
  const wrap = (step: Step, work: (input: never) => Promise<unknown>) => async (input: Input) => {
    log('start', step, input);
    const kill = armed(paths, step, input);
    const run = async () => {
      const answer = await work(input as never);
      log('done', step, input);
      return answer;
    };
    return kill ? runWith(kill, { paths, data, input }, run) : run();
  };
  return Object.fromEntries(
    Object.entries(activities).map(([step, work]) => [
      step,
      wrap(step as Step, work as (input: never) => Promise<unknown>),
    ]),
  ) as unknown as Activities;
}

/** A kill whose worker died of another one before its git command came waits anew. */
function restoreArms({ arms, git, fired }: LanePaths): void {
  for (const name of readdirSync(git)) {
    if (name.startsWith('input-')) continue;
    if (name.endsWith('.json') && !existsSync(join(fired, name.slice(0, -5))))
      renameSync(join(git, name), join(arms, name));
    else rmSync(join(git, name));
  }
}

interface Place {
  paths: LanePaths;
  data: string;
  input: Input;
}

function armed({ arms }: LanePaths, step: Step, { loopId, iteration = 0 }: Input): Kill | undefined {
  const kills = readdirSync(arms).flatMap((name) => readKill(join(arms, name)));
  return kills.find((kill) => kill.loopId === loopId && kill.step === step && kill.iteration <= iteration);
}

/** None where the worker of another lane has just taken it. */
function readKill(file: string): Kill[] {
  return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')) as Kill] : [];
}

async function runWith(kill: Kill, place: Place, run: () => Promise<unknown>): Promise<unknown> {
  const { at, delayMs } = kill;
  const strike = () => fire(kill, place.paths);
  if (at === 'before') await strike();
  if (at === 'during') return during(run, () => sleep(delayMs), strike, true);
  if (at.startsWith('git ')) return withGitArm(kill, place, run);
  if (at.startsWith('pair '))
    return during(run, (signal) => untilPair(Number(at.slice(5)), place, signal), strike, false);
  if (at === 'answer') return during(run, (signal) => untilAsked(kill, place, signal), strike, false);
  const answer = await run();
  if (at === 'after') await strike();
  if (at === 'reported') setTimeout(() => void strike(), delayMs);
  return answer;
}

/** Strikes when `moment` has come; `always`: at the latest at the end of the work. */
async function during(
  run: () => Promise<unknown>,
  moment: (signal: AbortSignal) => Promise<unknown>,
  strike: () => Promise<void>,
  always: boolean,
): Promise<unknown> {
  const end = new AbortController();
  const struck = moment(end.signal).then(
    () => strike(),
    () => undefined,
  );
  try {
    const answer = await run();
    if (always) await struck;
    return answer;
  } finally {
    end.abort();
  }
}

/** The git shim strikes; a kill whose command never came stays armed for the next time. */
async function withGitArm(kill: Kill, { paths, input }: Place, run: () => Promise<unknown>): Promise<unknown> {
  const [, command = '', moment = ''] = kill.at.split(' ');
  const repository = basename(input.repository ?? input.config?.repository ?? '');
  const arm = join(paths.git, inRepository.includes(command) ? repository : repository.toLowerCase());
  writeFileSync(arm, `${command} ${moment} ${kill.victim} ${kill.id}\n`);
  renameSync(armOf(paths, kill), join(paths.git, `${kill.id}.json`));
  const answer = await run();
  if (existsSync(arm)) {
    renameSync(join(paths.git, `${kill.id}.json`), armOf(paths, kill));
    rmSync(arm);
  }
  return answer;
}

async function untilPair(pairs: number, { data, input }: Place, signal: AbortSignal): Promise<void> {
  const decisions = join(data, 'loops', input.loopId ?? '', 'iterations', String(input.iteration), 'decisions');
  const lines = () => {
    const [tree] = existsSync(decisions) ? readdirSync(decisions) : [];
    const file = tree && join(decisions, tree, 'pairs.jsonl');
    return file && existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
  };
  // The first line is the head.
  while (lines() < pairs + 1 || !hasSandboxedRun(process.pid)) await sleep(10, null, { signal });
}

async function untilAsked({ delayMs, loopId }: Kill, { paths }: Place, signal: AbortSignal): Promise<void> {
  const file = join(paths.calls, `${loopId}.jsonl`);
  const size = () => (existsSync(file) ? statSync(file).size : 0);
  const before = size();
  while (size() === before) await sleep(10, null, { signal });
  await sleep(delayMs, null, { signal });
}

/** Marks the kill as done, so that the next attempt passes, and dies; other victims are for the driver, which then acknowledges. */
async function fire(kill: Kill, paths: LanePaths): Promise<void> {
  if (!existsSync(armOf(paths, kill))) return;
  renameSync(armOf(paths, kill), join(paths.fired, kill.id));
  if (kill.victim === 'worker') process.kill(process.pid, 'SIGKILL');
  if (kill.victim === 'group') process.kill(-process.pid, 'SIGKILL');
  while (!existsSync(join(paths.acknowledged, kill.id))) await sleep(20);
}

function armOf({ arms }: LanePaths, { id }: Kill): string {
  return join(arms, `${id}.json`);
}
