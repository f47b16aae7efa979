import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { descriptors } from '../bubblewrap/init-script.ts';
import { collectOutput, type Output } from './output.ts';
import type { SandboxLimits } from '../contract.ts';
import type { KillReason } from './status.ts';

/** Longest time to bring up a sandbox and copy a tree, in ms. */
const startMs = 120_000;
/** How long pipes may stay open after the end of the process, in ms: without a pid namespace a daemon can hold them for ever. */
const drainMs = 5_000;

/** A longer list of a tree is cut, and so has no end. */
const mostListed = 64 * 2 ** 20;

export interface Supervised {
  file: string;
  args: string[];
  /** The whole environment. */
  environment: Record<string, string>;
  cwd: string;
  /** Kill the process group and not only the process, for want of a pid namespace. */
  killGroup: boolean;
  limits: SandboxLimits;
  signal: AbortSignal | undefined;
  /** Called when all is ready and before the command starts, with what bubblewrap has reported until then and what ends the run for a reason. */
  onReady?(status: string, kill: (reason: KillReason) => void): void;
  /** Called when the command has ended and the first process still lives, where it goes on to list the tree. */
  onDone?(): void;
}

export interface SupervisedEnd extends Output {
  /** Whether the command was started. */
  started: boolean;
  exitCode: number | null;
  killedFor: KillReason;
  /** Of the command, or of the attempt to start it. */
  wallMs: number;
  /** What bubblewrap reported: a line of JSON each. */
  status: string;
  /** What the shell's `time` said, or nothing. */
  times: string;
  /** What the first process said of a copied tree after the command, or nothing. */
  listing: string;
}

/** Starts a run and watches over its time, its output and the caller's signal, until its process has ended and its pipes are closed. */
export async function supervise(run: Supervised): Promise<SupervisedEnd> {
  const child = start(run);
  const { limits, signal, killGroup } = run;
  const spawnedAt = performance.now();
  const state: { startedAt?: number; endedAt?: number; killedFor: KillReason } = { killedFor: null };
  const kill = (reason: KillReason) => {
    if (state.endedAt !== undefined || state.killedFor !== null) return;
    state.killedFor = reason;
    killAll(child, killGroup);
  };
  const cancel = () => kill('cancelled');
  let timer = setTimeout(() => killAll(child, killGroup), startMs);
  const output = collectOutput(child.stdout, child.stderr, limits.outputKiB * 1024, () => kill('output'));
  const status = collectText(pipeOf(child, descriptors.status));
  const times = collectText(pipeOf(child, descriptors.times));
  const waitFor = (reason: KillReason | 'end', ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => (reason === 'end' ? killAll(child, killGroup) : kill(reason)), ms);
  };
  const onReady = () => {
    run.onReady?.(status(), kill);
    waitFor('timeout', limits.seconds * 1000);
    state.startedAt = performance.now();
  };
  const onDone = () => {
    state.endedAt = performance.now();
    run.onDone?.();
    waitFor('end', startMs);
  };
  const listing = shakeHands(pipeOf(child, descriptors.handshake), onReady, onDone);
  child.once('exit', () => (state.endedAt ??= performance.now()));
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const { exitCode = null, problem } = await endOf(child, killGroup);
  clearTimeout(timer);
  signal?.removeEventListener('abort', cancel);
  const { startedAt, endedAt = performance.now(), killedFor } = state;
  const collected = output();
  return {
    ...collected,
    tail: collected.tail || (startedAt === undefined ? problem : ''),
    started: startedAt !== undefined,
    exitCode,
    killedFor,
    wallMs: endedAt - (startedAt ?? spawnedAt),
    status: status(),
    times: times(),
    listing: listing(),
  };
}

type Child = ReturnType<typeof start>;

/** From the main thread only: what asks to die with its parent dies with the thread that started it. */
function start({ file, args, cwd, environment, killGroup }: Supervised) {
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'] as const;
  return execa(file, args, {
    cwd,
    env: environment,
    extendEnv: false,
    stdio,
    buffer: false,
    reject: false,
    detached: killGroup,
  });
}

function killAll(child: Child, killGroup: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(killGroup ? -child.pid : child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

async function endOf(child: Child, killGroup: boolean): Promise<{ exitCode: number | undefined; problem: string }> {
  const done = new AbortController();
  const drained = drain(child, killGroup, done.signal);
  const { exitCode, originalMessage } = await child;
  done.abort();
  await drained;
  return { exitCode, problem: originalMessage ?? '' };
}

/** Ends what the process left in its group, and in the end the pipes that something else still holds. */
async function drain(child: Child, killGroup: boolean, signal: AbortSignal): Promise<void> {
  try {
    await once(child, 'exit', { signal });
    if (killGroup) killAll(child, killGroup);
    await sleep(drainMs, undefined, { signal });
    for (const fd of [1, 2, ...Object.values(descriptors)]) pipeOf(child, fd).destroy();
  } catch {
    // All closed by itself.
  }
}

/** A pipe of Node.js is a socket pair, so the handshake can go both ways. */
function pipeOf(child: Child, descriptor: number): Duplex {
  return (child.stdio as unknown as Duplex[])[descriptor]!;
}

/** Answers the first process when it is ready and, where it says so, when the command is done. @returns what it says after that */
function shakeHands(handshake: Duplex, onReady: () => void, onDone: () => void): () => string {
  let listing = () => '';
  handshake.once('data', () => {
    onReady();
    handshake.write('go\n');
    handshake.once('data', () => {
      onDone();
      listing = collectText(handshake, mostListed);
      handshake.write('go\n');
    });
  });
  return () => listing();
}

function collectText(stream: Duplex, mostBytes = Infinity): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if ((bytes += chunk.length) <= mostBytes) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString();
}
