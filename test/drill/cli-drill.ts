import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LoopResult } from '../../workflows/messages.ts';
import { checkCalls } from './check/check-calls.ts';
import { checkHistories } from './check/check-histories.ts';
import { checkRepository } from './check/check-repository.ts';
import { readLines, type Execution } from './check/executions.ts';
import type { ModelCall } from './drill.ts';
import { makeLane } from './lane/paths.ts';
import { pidsOf, processesOf } from './lane/process-tree.ts';
import type { Random } from './random.ts';
import { openServer } from './lane/server.ts';
import { makeLoop, sourceCommand, type DrillLoop } from './lane/target.ts';

const cliVictims = ['cli', 'daemon', 'worker', 'server', 'all'] as const;
type CliVictim = (typeof cliVictims)[number];

export interface CliDrillOptions {
  loopId: string;
  iterations: number;
  /** Whom to kill, one after the other; each a random while after the one before. */
  victims: readonly CliVictim[];
  random: Random;
  say?: (line: string) => void;
}

export interface CliDrillOutcome {
  violations: string[];
  kills: number;
  /** Times that the command was given. */
  calls: number;
  /** Output of a command that ended by itself, and not well. */
  refusals: string[];
  result: LoopResult | null;
}

/**
 * Runs `karpathy-loop run` as a person does: kills it, its daemon, worker, server or all, and repeats it until it ends
 * well.
 */
export async function runCliDrill(options: CliDrillOptions): Promise<CliDrillOutcome> {
  const { loopId, iterations, victims, say = () => undefined } = options;
  const scratch = mkdtempSync('/var/tmp/karpathy-loop-drill-cli-');
  chmodSync(scratch, 0o755);
  const lane = join(scratch, 'lane');
  const { calls: callsOf, executions } = makeLane(lane);
  const data = join(scratch, 'data');
  mkdirSync(data);
  const loop = await makeLoop(loopId, 'exact', iterations);
  const file = join(scratch, 'loop.json');
  writeFileSync(file, JSON.stringify(loop.config));
  const source = `script=${JSON.stringify(sourceCommand(callsOf))}`;
  const args = ['run', file, '--id', loopId, '--json', '--data', data, '--command-source', source];
  const killing = { struck: [] as { victim: CliVictim; at: number }[], left: [...victims] };
  const refusals: string[] = [];
  let calls = 0;
  for (;;) {
    calls++;
    const command = giveCommand(args, lane);
    const stop = killFrom(killing, command.child, { data, loop }, options);
    const { code, signal, said } = await command.ended;
    stop();
    if (code === 0) break;
    if (signal === null) refusals.push(`exit code ${code}: ${said.trim().split('\n').at(-1)}`);
    if (refusals.length > 10) break;
    say(`${loopId}: given again after ${signal ?? `exit code ${code}`}`);
    await sleep(signal === null ? 1_000 : options.random.below(500));
  }
  const struck = killing.struck.map(({ at }) => ({
    at,
    lane: 0,
    kill: { id: '', loopId, step: 'collect', at: 'random', victim: 'worker', iteration: 0, delayMs: 0 } as const,
  }));
  const violations = [
    ...checkCalls(readLines<ModelCall>(join(callsOf, `${loopId}.jsonl`)), struck, () => 0).violations,
  ];
  await giveCommand(['down', '--data', data], lane).ended;
  await sleep(2_000);
  violations.push(...processesOf(scratch).map((line) => `left running: ${line}`));
  if (refusals.length > 10) violations.push(`${loopId}: the command does not succeed: ${refusals.join(' | ')}`);
  const result = await checkServer(data, loop, readLines<Execution>(executions), violations);
  violations.push(...(await checkRepository(loop, result)).violations);
  if (violations.length === 0) {
    await loop.repository.remove();
    rmSync(scratch, { recursive: true, force: true });
  }
  return { violations, kills: killing.struck.length, calls, refusals, result };
}

interface Given {
  child: ChildProcess;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; said: string }>;
}

/** With activities that leave their starts on disk. */
function giveCommand(args: readonly string[], lane: string): Given {
  const bin = fileURLToPath(new URL('../../client/karpathy-loop.mjs', import.meta.url));
  const register = new URL('lane/register.mjs', import.meta.url).href;
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: undefined,
    TEMPORAL_NAMESPACE: undefined,
    NODE_OPTIONS: `--import ${register}`,
    KARPATHY_LOOP_DRILL: lane,
  };
  const child = spawn(process.execPath, [bin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4_000)));
  child.stdout.resume();
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    said,
  }));
  return { child, ended };
}

/** Kills until the command has ended, or the loop is about to: a command that is given again after that begins a new loop. */
function killFrom(
  killing: { struck: { victim: CliVictim; at: number }[]; left: CliVictim[] },
  child: ChildProcess,
  { data, loop }: { data: string; loop: DrillLoop },
  { random, loopId, say = () => undefined }: CliDrillOptions,
): () => void {
  const timer = { current: setTimeout(() => undefined, 0) };
  const next = () => {
    const [victim] = killing.left;
    if (!victim) return;
    timer.current = setTimeout(
      () => {
        if (recorded(loop) >= loop.iterations - 2) killing.left = [];
        else if (kill(victim, child, data)) {
          killing.left.shift();
          killing.struck.push({ victim, at: Date.now() });
          say(`${loopId}: killed ${victim}`);
        }
        next();
      },
      2_000 + random.below(8_000),
    );
  };
  next();
  return () => clearTimeout(timer.current);
}

/** @returns whether there was anybody */
function kill(victim: CliVictim, child: ChildProcess, data: string): boolean {
  if (victim === 'cli') return child.kill('SIGKILL');
  const pids =
    victim === 'worker'
      ? pidsOf((line) => line.includes('worker/worker.ts') && line.includes(data))
      : victim === 'daemon'
        ? pidsOf((line) => / daemon --data /.test(line) && line.includes(data))
        : victim === 'server'
          ? serverOf(data)
          : everyone(child, data);
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  return pids.length > 0;
}

function recorded({ loopId, repository }: DrillLoop): number {
  const ledger = `refs/karpathy-loop/${loopId}/ledger`;
  const { stdout } = spawnSync('git', ['-C', repository.path, 'ls-tree', '-r', '--name-only', ledger], {
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((path) => /^records\/\d+\/\d+\.json$/.test(path)).length;
}

function serverOf(data: string): number[] {
  return pidsOf((line) => line.includes('start-dev') && line.includes(data));
}

function everyone(child: ChildProcess, data: string): number[] {
  return [child.pid!, ...pidsOf((line) => line.includes(data)), ...serverOf(data)];
}

/** Opens the loop's database once more. */
async function checkServer(
  data: string,
  loop: DrillLoop,
  executions: Execution[],
  violations: string[],
): Promise<LoopResult | null> {
  const server = await openServer(data);
  try {
    const result = (await server.client.workflow.getHandle(loop.loopId).result()) as LoopResult;
    violations.push(...(await checkHistories(server.client, [{ ...loop, result }], executions)).violations);
    return result;
  } catch (error) {
    violations.push(`${loop.loopId}: ${(error as Error).message}`);
    return null;
  } finally {
    await server.client.connection.close();
    await server.stop();
  }
}

export function randomVictims(random: Random, count: number): CliVictim[] {
  return Array.from({ length: count }, (_, index) =>
    index < cliVictims.length ? cliVictims[index]! : random.pick(cliVictims),
  );
}
