import { closeSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import { descriptors } from '../bubblewrap/init-script.ts';
import { collectOutput } from './output.ts';
import { watchStdout } from './standard-output.ts';
import type { SandboxLimits, SandboxResult } from '../contract.ts';
import type { KillReason } from './status.ts';

/** Time for the start of a sandbox with the copy of a tree. */
const startTimeoutMs = 120_000;
/** Wait for open pipes after the end of the process: without a pid namespace a daemon can hold them for ever. */
const drainTimeoutMs = 5_000;

export interface SuperviseOptions {
  file: string;
  args: string[];
  stdin?: string | undefined;
  watchesStdout?: boolean | undefined;
  /** The whole environment. */
  environment: Record<string, string>;
  cwd: string;
  /** File of the filter that bubblewrap reads. */
  seccomp?: string;
  /** Kills the process group and not only the process, for want of a pid namespace. */
  killGroup?: boolean;
  limits: SandboxLimits;
  signal: AbortSignal | undefined;
  /**
   * Called before the command starts, with bubblewrap's reports so far and a function that ends the run.
   * Returns the host's pid of the first process inside.
   */
  onReady?(status: string, kill: (reason: KillReason) => void): number;
}

type Observed = Pick<
  SandboxResult,
  'stdout' | 'stderr' | 'quietMs' | 'movedLooks' | 'tail' | 'outBytes' | 'truncated' | 'exitCode' | 'wallMs'
>;

export interface SuperviseResult extends Observed {
  started: boolean;
  killedFor: KillReason;
  /** Reports of bubblewrap: a line of JSON each. */
  status: string;
  /** Output of the shell's `time`, or nothing. */
  times: string;
}

/** Starts a run and bounds its time and output, until its process has ended and its pipes are closed. */
export async function supervise(run: SuperviseOptions): Promise<SuperviseResult> {
  const child = start(run);
  const { limits, signal, killGroup = false } = run;
  const spawnedAt = performance.now();
  const state: { startedAt?: number; endedAt?: number; killedFor: KillReason } = { killedFor: null };
  const kill = (reason: KillReason) => {
    if (state.endedAt !== undefined || state.killedFor !== null) return;
    state.killedFor = reason;
    killAll(child, killGroup);
  };
  const cancel = () => kill('cancelled');
  let timer = setTimeout(() => killAll(child, killGroup), startTimeoutMs);
  const output = collectOutput(child, limits.outputKiB * 1024, () => kill('output'));
  const status = collectText(pipeOf(child, descriptors.status));
  const times = collectText(pipeOf(child, descriptors.times));
  const handshake = pipeOf(child, descriptors.handshake);
  let stdout: ReturnType<typeof watchStdout> | undefined;
  handshake.once('data', () => {
    const first = run.onReady?.(status(), kill);
    if (run.watchesStdout && first !== undefined) stdout = watchStdout(child, first);
    clearTimeout(timer);
    timer = setTimeout(() => kill('timeout'), limits.seconds * 1000);
    state.startedAt = performance.now();
    handshake.write('go\n');
  });
  const stopDrain = drain(child, killGroup);
  child.once('exit', () => (state.endedAt ??= performance.now()));
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const { exitCode = null, originalMessage = '' } = await child;
  clearTimeout(timer);
  stopDrain();
  signal?.removeEventListener('abort', cancel);
  const { startedAt, endedAt = performance.now(), killedFor } = state;
  const collected = output(endedAt);
  return {
    ...collected,
    tail: collected.tail || (startedAt === undefined ? originalMessage : ''),
    started: startedAt !== undefined,
    exitCode,
    killedFor,
    movedLooks: stdout?.end() ?? 0,
    wallMs: endedAt - (startedAt ?? spawnedAt),
    ...{ status: status(), times: times() },
  };
}

type Child = ReturnType<typeof start>;

/** To be called from the main thread only: a process that dies with its parent dies with the thread that started it. */
function start({ file, args, stdin, cwd, environment, seccomp, killGroup = false }: SuperviseOptions) {
  // Its type knows no descriptor above 9.
  const filter = seccomp === undefined ? 'ignore' : (openSync(seccomp, 'r') as 9);
  const input = stdin === undefined ? {} : { input: stdin };
  const stdio = [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', filter] as const;
  const options = { env: environment, extendEnv: false, buffer: false, reject: false, ...input } as const;
  try {
    return execa(file, args, { ...options, cwd, stdio, detached: killGroup });
  } finally {
    if (filter !== 'ignore') closeSync(filter);
  }
}

function killAll(child: Child, killGroup: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(killGroup ? -child.pid : child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** Kills the rest of the process's group at its end, then closes pipes that something else still holds. */
function drain(child: Child, killGroup: boolean): () => void {
  let timer: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    if (killGroup) killAll(child, killGroup);
    timer = setTimeout(() => {
      for (const fd of [1, 2, descriptors.status, descriptors.handshake, descriptors.times])
        pipeOf(child, fd).destroy();
    }, drainTimeoutMs);
  });
  return () => clearTimeout(timer);
}

/** Returns a pipe, which Node.js makes as a socket pair, so the handshake can go both ways. */
function pipeOf(child: Child, descriptor: number): Duplex {
  return (child.stdio as unknown as Duplex[])[descriptor]!;
}

function collectText(stream: Duplex): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
