import type { LoopConfig } from '../config/loop-config.ts';

/** Fields that a loop may choose: none says what is right or faster, or what may be changed. */
const free: ReadonlySet<string> = new Set([
  ...['$schema', 'repository', 'base', 'branch', 'seed', 'iterations', 'budget', 'hypothesis', 'profile', 'commit'],
]);
const partRun = /^node --import tsx bench\/self\/index\.ts (brief|edits|ledger|profiles|start-up)$/;

/**
 * Says why a loop's commits are not adopted without a person; null where its terms are those of the product's own loop.
 * @param own examples/self/loop.json of the build that works
 */
export function whyByPerson(loop: LoopConfig, own: LoopConfig): string | null {
  const [given, asked] = [termsOf(loop), termsOf(own)];
  const other = [...new Set([...Object.keys(given), ...Object.keys(asked)])].find(
    (key) => !free.has(key) && JSON.stringify(given[key]) !== JSON.stringify(asked[key]),
  );
  return other === undefined ? null : `its "${other}" is another one than in examples/self/loop.json`;
}

/** Any part of bench/self may be what it measures. */
function termsOf(config: LoopConfig): Record<string, unknown> {
  const { benchmark } = config;
  return { ...config, benchmark: { ...benchmark, command: benchmark.command.replace(partRun, 'a part') } };
}
