import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { bareRequest, type Sandbox } from '../../adapters/sandbox/contract.ts';
import { createSandbox } from '../../adapters/sandbox/create.ts';
import type { Target } from './targets.ts';

/** How far a candidate came; `faster`: it does the same, and is at least 5 % faster. */
export const stages = ['refused', 'applied', 'syntax', 'build', 'tests', 'same', 'faster'] as const;
export interface Judged {
  stage: (typeof stages)[number];
  /** Base's CPU time by the candidate's, median of the pairs; null before the stage "same". */
  gain: number | null;
}

export interface Judge {
  judge(target: Target, content: string): Promise<Judged>;
  close(): void;
}

/** Time for a machine that others load too. */
const limits = { seconds: 900, memoryMiB: 2048, processes: 256, outputKiB: 1024, scratchMiB: 1024 };
const leastGain = 1.05;
/** Pairs of a first look, and of a second one where that was near. */
const pairs = [3, 15] as const;
const nearGain = 1.4;

/** Judges candidates in the product's sandbox: what a model wrote never runs outside of it. */
export async function createJudge(): Promise<Judge> {
  const scratch = mkdtempSync('/var/tmp/karpathy-loop-questions-');
  chmodSync(scratch, 0o755);
  const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: join(scratch, 'sandbox') });
  let count = 0;
  return {
    judge: async (target, content) => {
      const tree = join(scratch, String(count++));
      try {
        await fillTree(scratch, tree, target, content);
        return await judgeTree(sandbox, tree, target);
      } finally {
        rmSync(tree, { recursive: true, force: true });
      }
    },
    close: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

async function fillTree(scratch: string, tree: string, target: Target, content: string): Promise<void> {
  const base = join(scratch, `base-${target.name}`);
  const cache = join(scratch, 'go-build');
  if (!existsSync(base)) {
    cpSync(target.directory, base, { recursive: true });
    // Compiling Go's library takes a minute; the base, which is ours, may fill the cache outside.
    for (const command of target.language === 'go' ? [target.build, target.test] : [])
      await execa('sh', ['-c', command], { cwd: base, env: { GOCACHE: cache, GOFLAGS: '-trimpath' } });
  }
  mkdirSync(tree);
  cpSync(base, join(tree, 'base'), { recursive: true });
  cpSync(target.directory, join(tree, 'candidate'), { recursive: true });
  writeFileSync(join(tree, 'candidate', target.file), content);
  if (target.language === 'go') cpSync(cache, join(tree, 'go-build'), { recursive: true });
}

async function judgeTree(sandbox: Sandbox, tree: string, target: Target): Promise<Judged> {
  const first = await compare(sandbox, tree, target, pairs[0]);
  if (first.gain === null || first.gain >= nearGain || first.gain < 0.9) return first;
  return compare(sandbox, tree, target, pairs[1]);
}

async function compare(sandbox: Sandbox, tree: string, target: Target, count: number): Promise<Judged> {
  const step = (name: string, command: string) => `(${command}) >/dev/null 2>&1 || exit 1; echo "STAGE ${name}"`;
  const command = [
    'export GOCACHE=/repo/go-build GOFLAGS=-trimpath PYTHONDONTWRITEBYTECODE=1',
    'cd candidate',
    step('syntax', target.syntax),
    step('build', target.build),
    step('tests', `timeout 120 ${target.test}`),
    'cd ..',
    `for pair in $(seq ${count}); do for side in base candidate; do (cd $side; echo "SIDE $side"; timeout 120 ${target.benchmark} 2>/dev/null) || exit 1; done; done`,
    'echo "STAGE compared"',
  ].join('\n');
  const result = await sandbox.run({
    ...{ ...bareRequest, command, tree, limits, tools: target.tools },
    workspace: 'copy',
  });
  if (result.status === 'sandbox-error') throw new Error(`${target.name}: ${result.tail}`);
  return readOutput(result.stdout);
}

function readOutput(stdout: string): Judged {
  const reached = stages.filter((stage) => stdout.includes(`STAGE ${stage}\n`)).at(-1) ?? 'applied';
  if (reached !== 'tests' || !stdout.includes('STAGE compared')) return { stage: reached, gain: null };
  const runs = [...stdout.matchAll(/SIDE \w+\nMETRIC ms=([0-9.]+)\nCHECK (.+)\n/g)];
  const isSame = runs.length >= 2 && runs.length % 2 === 0 && runs.every(([, , check]) => check === runs[0]![2]);
  if (!isSame) return { stage: 'tests', gain: null };
  const times = runs.map(([, ms]) => Number(ms));
  const gains = times
    .flatMap((ms, at) => (at % 2 === 0 ? [ms / Math.max(times[at + 1]!, 0.01)] : []))
    .sort((a, b) => a - b);
  const gain = gains[Math.floor(gains.length / 2)]!;
  const isFaster = gain >= leastGain && gains[Math.floor(gains.length / 5)]! > 1;
  return { stage: isFaster ? 'faster' : 'same', gain };
}
