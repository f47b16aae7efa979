import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { toLine } from '../../../domain/text.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;

describe.skipIf(!hasSandbox)('tests that become slow (bring the sandbox with: node scripts/setup.mjs)', () => {
  let on: StepsOnTarget;
  afterEach(() => on.remove());

  it('are refused, since each later iteration would pay for them', async () => {
    const total = 'export const total = (numbers) => numbers.reduce((sum, one) => sum + one, 0);\n';
    const test =
      'node -e "import(\'/repo/src/slow.mjs\').then(({ total }) => process.exit(total([1, 2]) === 3 ? 0 : 1))"';
    on = await stepsOnTarget({ files: { 'src/slow.mjs': total } });
    const prepared = await on.prepare({ test, limits: { testSeconds: 300 } });
    const { testMs } = await on.facts(prepared);
    const waiting = (ms: number) => ({
      title: toLine(`Wait for ${ms} ms`),
      edits: [
        {
          file: 'src/slow.mjs',
          content: `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms});\n${total}`,
        },
      ],
    });
    expect(await on.test(prepared, waiting(10))).toMatchObject({ kind: 'passed' });
    // Far enough for a busy machine.
    expect(await on.test(prepared, waiting(3 * testMs + 40_000))).toMatchObject({
      reason: 'tests-failed',
      detail: expect.stringMatching(/^test: the tests take [\d.]+ s, on the base [\d.]+ s; at most /) as string,
    });
  });
});
