import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe.each(['brief', 'edits', 'ledger', 'profiles', 'start-up'])('the part %s of bench/self', (part) => {
  const measure = async (seed: number) => {
    const words = ['--import', 'tsx', 'bench/self/index.ts', part];
    return (await execa(process.execPath, words, { cwd: root, env: { BENCH_SEED: String(seed) } })).stdout.split('\n');
  };

  it('prints one metric, and a checksum that is the same for the same seed alone', async () => {
    const [one, again, other] = [await measure(1), await measure(1), await measure(2)];
    expect(one).toEqual([expect.stringMatching(/^METRIC ms=\d+\.\d+$/), expect.stringMatching(/^CHECK [0-9a-f]{16}$/)]);
    expect(again[1]).toBe(one[1]);
    expect(other[1]).not.toBe(one[1]);
  });
});
