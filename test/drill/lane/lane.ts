import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { makeLane, type LanePaths } from './paths.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A worker that is started again whenever it dies, with a data directory of its own. */
export interface Lane {
  paths: LanePaths;
  data: string;
  /** Its own task queue. */
  queue: string;
  /** Process id of the worker now. */
  pid(): number;
  /** Resolves when a worker polls. */
  ready(): Promise<unknown>;
  /** Deaths that were no SIGKILL. */
  faults: string[];
  /** Times of death by SIGKILL: epoch, ms. */
  deaths: number[];
  /** Kills the worker and its group for good. */
  destroy(): void;
  stop(): Promise<void>;
}

export interface LaneOptions {
  directory: string;
  data: string;
  address: string;
  settings: object;
  /** Put before the worker's command, as to run it in a network namespace of its own. */
  prefix?: readonly string[];
}

export async function startLane({ directory, data, address, settings, prefix = [] }: LaneOptions): Promise<Lane> {
  const paths = makeLane(directory);
  const bin = writeShim(directory);
  mkdirSync(data, { recursive: true });
  chmodSync(data, 0o755);
  writeFileSync(join(data, 'settings.json'), JSON.stringify(settings));
  const drill = { KARPATHY_LOOP_DRILL: directory, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const env = { ...process.env, ...drill, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' };
  const start = () => spawnWorker(data, env, prefix);
  const lane = { paths, data, faults: [] as string[], deaths: [] as number[] };
  let current = start();
  let closing = false;
  const keep = async () => {
    for (;;) {
      const how = await current.ended;
      if (closing) return;
      if (how === 'SIGKILL') lane.deaths.push(Date.now());
      else {
        // Started while the server was dead it says so and ends; whoever keeps workers starts it again.
        if (!/^worker ended with 1: error: temporal: no server answers at /.test(how)) lane.faults.push(how);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      current = start();
    }
  };
  const destroy = () => {
    closing = true;
    process.kill(-current.child.pid!, 'SIGKILL');
  };
  const kept = keep();
  const queue = await Promise.race([current.ready, current.ended.then((how) => Promise.reject(new Error(how)))]);
  const stop = async () => {
    closing = true;
    current.child.kill('SIGTERM');
    await current.ended;
    await kept;
  };
  return {
    ...lane,
    queue,
    pid: () => current.child.pid ?? 0,
    ready: () => Promise.race([current.ready, current.ended]),
    destroy,
    stop,
  };
}

interface WorkerChild {
  child: ChildProcess;
  ready: Promise<string>;
  /** "SIGKILL", or else how it ended. */
  ended: Promise<string>;
}

/** In a process group of its own, that can be killed whole. */
function spawnWorker(data: string, env: NodeJS.ProcessEnv, prefix: readonly string[]): WorkerChild {
  const entry = ['--import', 'tsx', '--import', './test/drill/lane/register.mjs', 'worker/worker.ts', '--data', data];
  const [program = '', ...args] = [...prefix, process.execPath, ...entry];
  const child = spawn(program, args, {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-1_000)));
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout! }).on(
      'line',
      (line) => line.startsWith('{"ready":true') && resolve((JSON.parse(line) as { queue: string }).queue),
    );
  });
  const ended = once(child, 'exit').then(([code, signal]) =>
    signal === 'SIGKILL' ? 'SIGKILL' : `worker ended with ${String(code ?? signal)}: ${said.trim()}`,
  );
  return { child, ready, ended };
}

/** @returns the directory to be put first on the PATH */
function writeShim(directory: string): string {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const shim = readFileSync(new URL('git-shim.sh', import.meta.url), 'utf8');
  writeFileSync(join(bin, 'git'), shim.replace('\n', `\ngit=${findOnPath('git') ?? 'git'}\nlane=${directory}\n`), {
    mode: 0o755,
  });
  return bin;
}
