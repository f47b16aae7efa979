/**
 * Compares a run in the sandbox with a bare one: `true` in each, side by side, in random order.
 *
 *     npx tsx bench/overhead.ts
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '../adapters/sandbox/create.ts';
import { findOnPath } from '../adapters/sandbox/tools.ts';
import type { SandboxRequest } from '../adapters/sandbox/contract.ts';

const pairs = 100;
/** At the median, in ms. */
const goal = 15;

const directory = mkdtempSync(join(tmpdir(), 'overhead-'));
chmodSync(directory, 0o755);
const request: SandboxRequest = {
  ...{
    command: 'true',
    tree: directory,
    workspace: 'readonly',
    network: false,
    provided: [],
    readOnlyPaths: [],
    devices: [],
    environment: {},
  },
  ...{ tools: ['node'], limits: { seconds: 30, memoryMiB: 2048, processes: 256, outputKiB: 1024, scratchMiB: 256 } },
};

try {
  const isMet = [await measure(true), await measure(false)].every(Boolean);
  process.exitCode = isMet ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true });
}

/** Measures one limits layer; cgroups only where they can be had. */
async function measure(cgroup: boolean): Promise<boolean> {
  const sandbox = await createSandbox({
    allowUnsandboxed: false,
    generatedDirectory: join(directory, 'generated'),
    cgroup,
  });
  if (cgroup && sandbox.limitsLayer !== 'cgroup') {
    console.log('cgroup   untested: no cgroup can be made here');
    return true;
  }
  const inside = async () => {
    const { status, tail } = await sandbox.run(request);
    if (status !== 'ok') throw new Error(`a run of "true" ended as ${status}: ${tail}`);
  };
  for (const warmUp of [inside, bare, inside, bare]) await warmUp();
  const took: { inside: number; bare: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const insideFirst = Math.random() < 0.5;
    const first = await timeOf(insideFirst ? inside : bare);
    const second = await timeOf(insideFirst ? bare : inside);
    took.push(insideFirst ? { inside: first, bare: second } : { inside: second, bare: first });
  }
  const overhead = took.map((pair) => pair.inside - pair.bare);
  const isMet = median(overhead) <= goal;
  console.log(
    `${sandbox.limitsLayer.padEnd(8)} ${isMet ? 'PASS' : 'FAIL'}  median overhead ${median(overhead).toFixed(1)} ms (goal: at most ${goal} ms; quartiles ${quantile(overhead, 0.25).toFixed(1)} and ${quantile(overhead, 0.75).toFixed(1)})` +
      `; in the sandbox ${median(took.map((pair) => pair.inside)).toFixed(1)} ms, bare ${median(took.map((pair) => pair.bare)).toFixed(1)} ms; ${conditions()}`,
  );
  if (!isMet && loadavg()[0]! > cpus().length)
    console.log(
      '         the machine is busy: repeat it when it is idle, or before all else (chrt -f 10 npx tsx bench/overhead.ts, as root)',
    );
  return isMet;
}

function bare(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('true', { stdio: ['ignore', 'pipe', 'pipe'] });
    child.once('error', reject).once('close', () => resolve());
  });
}

async function timeOf(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

function conditions(): string {
  const version = execFileSync(findOnPath('bwrap')!, ['--version'], { encoding: 'utf8' }).trim();
  const user = process.getuid?.() === 0 ? 'root' : 'an ordinary user';
  return `${pairs} pairs as ${user}, ${version}, kernel ${release()}, Node.js ${process.version}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}`;
}
