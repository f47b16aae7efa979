import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { SandboxRequest } from '../../../adapters/sandbox/contract.ts';

export const hasBubblewrap = process.platform === 'linux' && findOnPath('bwrap') !== null;
export const isRoot = process.getuid?.() === 0;

/** Title of a group of tests that need bubblewrap. */
export function withBubblewrap(title: string): string {
  return hasBubblewrap ? title : `${title} (skipped: bubblewrap is missing; bring it with: node scripts/setup.mjs)`;
}

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A fresh directory that everyone can read. */
export function makeDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, 'sandbox-test-'));
  chmodSync(directory, 0o755);
  made.push(directory);
  return directory;
}

export function makeTree(files: Record<string, string> = { 'a.txt': 'content of a\n' }, parent?: string): string {
  const tree = makeDirectory(parent);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  return tree;
}

/** A run's profile that goes to a directory, with these tools or none. */
export function profileIn(directory: string, tools = makeDirectory()): NonNullable<SandboxRequest['profile']> {
  return { directory, tools, environment: {} };
}

export function requestOf(
  command: string,
  tree: string,
  { limits, ...changes }: Partial<Omit<SandboxRequest, 'limits'>> & { limits?: Partial<SandboxRequest['limits']> } = {},
): SandboxRequest {
  return {
    ...{
      command,
      tree,
      workspace: 'readonly',
      network: false,
      provided: [],
      readOnlyPaths: [],
      devices: [],
      environment: {},
      tools: ['node'],
    },
    ...changes,
    limits: { seconds: 30, memoryMiB: 512, processes: 64, outputKiB: 64, scratchMiB: 32, ...limits },
  };
}

/** Control groups that runs of a worker have left. */
export function leftGroups(worker = process.pid): string[] {
  const places = ['', 'memory', 'pids', 'cpuacct'].map((controller) => join('/sys/fs/cgroup', controller));
  const names = places.flatMap((place) => {
    try {
      return readdirSync(place);
    } catch {
      return [];
    }
  });
  return names.filter((name) => name.startsWith(`karpathy-loop-${worker}-`));
}

/** Processes on this machine whose command line contains a text. */
export function processesWith(text: string): string[] {
  const all = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(text) && !line.includes('ps -eo'));
}

/** What `env | sort` prints in a run that lets one more name in. For an assertion. */
export function environmentWith(shown: string): unknown[] {
  return [
    'CI=1',
    // Read-only, so that no command of a run steers the next; hence the places for caches.
    'HOME=/home/sandbox',
    'LANG=C.UTF-8',
    expect.stringMatching(/^PATH=.*\/usr\/local\/bin:\/usr\/bin:\/bin$/),
    'PWD=/repo',
    shown,
    'TMPDIR=/tmp',
    'TZ=UTC',
    'XDG_CACHE_HOME=/tmp/.cache',
    'npm_config_cache=/tmp/.cache/npm',
  ];
}
