import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { setTimeout as rest } from 'node:timers/promises';
import { execa } from 'execa';
import { perfFields } from '../../domain/profiles/perf-script.ts';
import { childrenOf } from '../sandbox/limits/process-table.ts';
import { findOnPath } from '../sandbox/tools.ts';
import { quoted, type Profiler } from './profiler.ts';

/** User code only, as the kernel allows everyone by default; build ids would be read from files of the run. */
const event = ['--event', 'cpu-clock:u', '--no-buildid', '--no-buildid-cache'];
const stacks = ['--freq', '497', '--call-graph', 'dwarf,8192', '--max-size', '256M'];
/** Descriptors by which perf is told to begin, and says that it has. */
const control = ['--delay', '-1', '--control', 'fd:3,4'];
const lookMs = 10;
/** perf ends with the processes that it follows. */
const endMs = 10_000;

/** Samples compiled programs from outside: no run may use the kernel's counters itself. */
export const perf: Profiler = {
  name: 'perf',
  // Waits until perf is there.
  wrap: (command) => `exec /bin/sh -c ${quoted(`kill -STOP $$; ${command}`)}`,
  slowdown: 2,
  async unusable(sandbox) {
    if (sandbox !== 'bubblewrap') return 'perf watches runs in bubblewrap only';
    if (!findOnPath('perf')) return 'perf is not there; install it (linux-perf or linux-tools)';
    const { failed } = await execa('perf', ['record', ...event, '--output', '/dev/null', 'true'], { reject: false });
    return failed ? 'the kernel does not allow perf; set kernel.perf_event_paranoid to 2' : null;
  },
  watch(output) {
    const ended = new AbortController();
    let recording: Promise<void> = Promise.resolve();
    return {
      begins: (first) => void (recording = record(first, output, ended.signal)),
      async end() {
        const timer = setTimeout(() => ended.abort(), endMs);
        await recording;
        clearTimeout(timer);
      },
      convert: `perf script --force --no-inline --fields ${perfFields} --input /profile/perf.data | head -c 30000000 >/profile/all.perf-script`,
    };
  },
};

/** Finds the process that waits, follows it and all that it starts, and lets it go on. */
async function record(first: number, output: string, signal: AbortSignal): Promise<void> {
  const pid = await stopped(first, signal);
  if (pid === null) return;
  const args = ['record', '--quiet', ...event, ...stacks, ...control, '--output', output, '--pid', String(pid)];
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
  const recorder = execa('perf', args, { stdio, buffer: false, reject: false, cancelSignal: signal });
  const [commands, answers] = recorder.stdio.slice(3) as unknown as [Duplex, Duplex];
  commands.on('error', () => undefined).write('enable\n');
  await Promise.race([recorder, new Promise((resolve) => answers.once('data', resolve))]);
  goOn(pid);
  await recorder;
}

/** Returns the process below the first one that has stopped itself; null where the run ended before. */
async function stopped(first: number, signal: AbortSignal): Promise<number | null> {
  while (!signal.aborted) {
    for (const pid of below(first)) if (stateOf(pid) === 'T') return pid;
    if (stateOf(first) === null) return null;
    await rest(lookMs);
  }
  return null;
}

function below(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...below(child)]);
}

function stateOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? null;
  } catch {
    return null;
  }
}

function goOn(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It has been ended meanwhile.
  }
}
