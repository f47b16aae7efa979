import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoopConfigInput } from '../../domain/config/loop-config.ts';

/** Forms of the target and of the loop over it. */
export type Variant = keyof typeof variants;

const bytes = { pattern: '^METRIC bytes=(\\S+)$' };
/** Takes anything for a number, so that what refuses is the loop's own reading. */
const milliseconds = { pattern: '^METRIC ms=(.*)$' };
const cpu = { command: 'node bench.mjs cpu', metric: milliseconds };

const variants = {
  /** CPU time that the benchmark measures itself; nothing else is compared. */
  plain: { benchmark: cpu },
  /** Wall time that the benchmark measures itself. */
  wall: { benchmark: { command: 'node bench.mjs wall', metric: milliseconds, clock: 'wall' } },
  /** A number that no clock of the loop can see. */
  unclocked: { benchmark: { ...cpu, clock: 'none' } },
  /** The computed output is compared too. */
  checked: { benchmark: { ...cpu, output: { pattern: '^CHECK (.+)$' } } },
  /** The same, of all but the warm-ups. */
  warm: { benchmark: { ...cpu, command: 'node bench.mjs cpu last', output: { pattern: '^CHECK (.+)$' } } },
  /** Held-out tests. */
  guarded: { benchmark: cpu, guard: 'words' },
  /** A failed test goes back to whoever proposed, who may not learn of held-out tests. */
  whispered: { benchmark: cpu, guard: 'words', hypothesis: { source: 'command', command: 'corpus', repairs: 1 } },
  /** The same with a build, which runs code of the candidate. */
  whisperedBuilt: {
    benchmark: cpu,
    guard: 'words',
    build: 'node build.mjs',
    hypothesis: { source: 'command', command: 'corpus', repairs: 1 },
  },
  /** Each run writes into a copy of its own. */
  copied: { benchmark: cpu, workspace: 'copy' },
  /** Everything is editable but what the loop itself protects. */
  wide: { benchmark: cpu, editable: ['**'] },
  /** Code of the candidate runs in the build. */
  built: { benchmark: { ...cpu, output: { pattern: '^CHECK (.+)$' } }, build: 'node build.mjs' },
  /** Setup puts a folder of its own among the sources. */
  provided: { benchmark: cpu, setup: 'mkdir -p src/tables && echo > src/tables/index.mjs', provided: ['src/tables'] },
  /** A metric that repeats to the last digit. */
  exact: { benchmark: { command: 'node size.mjs', metric: bytes, unit: 'bytes', noise: 'exact', clock: 'none' } },
  /** The same, read by a second process; that alone holds. */
  read: {
    editable: ['codec/**'],
    test: 'node --test test/pack.test.mjs',
    benchmark: {
      ...{ command: 'node answer.mjs', reader: 'node read.mjs', metric: bytes },
      ...{ unit: 'bytes', noise: 'exact', clock: 'none' },
    },
  },
  /** A metric that repeats for the same seed. */
  seeded: {
    benchmark: {
      command: 'node score.mjs',
      metric: { pattern: '^METRIC score=(\\S+)$' },
      unit: 'characters',
      noise: 'exact',
      clock: 'none',
    },
  },
  /** The sources may not become much larger. */
  sided: {
    benchmark: cpu,
    sideMetrics: [{ name: 'size', command: 'node size.mjs', metric: bytes, noise: 'exact', worstAllowed: 0.1 }],
  },
  /** The tree holds links to a file and to a directory outside of it. */
  linked: { benchmark: cpu },
  /** A failed test goes back to whoever proposed, with what it printed. */
  repairing: { benchmark: cpu, hypothesis: { source: 'command', command: 'corpus', repairs: 1 } },
} satisfies Record<string, Partial<LoopConfigInput>>;

/** The loop's config: small limits, since some of the proposals take all that they get. */
export function configOf(variant: Variant, repository: string, iterations: number): LoopConfigInput {
  return {
    repository,
    iterations,
    editable: ['src/**'],
    workspace: 'readonly',
    test: 'node --test test/words.test.mjs',
    profile: 'none',
    budget: { consecutiveFailures: 10_000, stagnation: 10_000 },
    hypothesis: { source: 'command', command: 'corpus', repairs: 0 },
    sandbox: { environment: ['CORPUS_MARK'] },
    limits: { testSeconds: 6, benchmarkSeconds: 6, memoryMiB: 256, processes: 64, outputKiB: 64, scratchMiB: 16 },
    ...variants[variant],
  };
}

/** The target's files, by path. */
export function targetFiles(): Record<string, string> {
  const root = fileURLToPath(new URL('target', import.meta.url));
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(root, path), readFileSync(path, 'utf8')]));
}
