import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Checks, PickInput } from '../../../domain/checks.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import type { Steps } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { iterate, realActivities } from '../../support/real-activities.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { createTarget, sumInRounds, targetConfig } from '../../support/repository/target.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const test = [
  "import assert from 'node:assert';",
  "import { total } from './src/total.mjs';",
  "import { more } from './src/more.mjs';",
  'for (const sum of [total, more]) assert.deepEqual([sum([1, 2, 3]), sum([])], [6, 0]);',
  '',
].join('\n');
const benchmark = {
  command: `awk '/^const ROUNDS/ { sum += $4 } END { print "METRIC ROUNDS = " sum ";" }' src/*.mjs`,
  metric: { pattern: '^METRIC ROUNDS = ([0-9]+);$' },
  unit: 'rounds',
  noise: 'exact',
} as const;
const fewer = 'const ROUNDS = 100;\n';
const withHelper: Hypothesis = {
  title: toLine('Export the start'),
  edits: [{ file: 'src/total.mjs', search: 'const ROUNDS = 300;\n', replace: `export const start = 0;\n${fewer}` }],
};
const byHelper: Hypothesis = {
  title: toLine('Begin at the start'),
  edits: [
    {
      file: 'src/more.mjs',
      search: 'const ROUNDS = 300;\n',
      replace: `import { start } from './total.mjs';\n${fewer}`,
    },
    { file: 'src/more.mjs', search: '    sum = 0;', replace: '    sum = start;' },
  ],
};

describe.skipIf(!hasSandbox)('pick, on real git and a real sandbox (bring it with: node scripts/setup.mjs)', () => {
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let steps: Steps & Checks;
  const settings = () => ({
    repositories: [target.path],
    commandSources: { script: { command: ['false'] } },
    guards: { hidden: { directory: join(data.path, 'hidden'), command: 'node "$GUARD/hidden.mjs"' } },
  });

  beforeEach(async () => {
    data = createDataDirectory();
    mkdirSync(join(data.path, 'hidden'));
    writeFileSync(join(data.path, 'hidden', 'hidden.mjs'), "console.log('1 passed');\n");
    target = await createTarget({
      'src/total.mjs': sumInRounds('total', 300),
      'src/more.mjs': sumInRounds('more', 300),
      'test.mjs': test,
    });
    steps = await realActivities(data.path, settings());
  });
  afterEach(async () => {
    await target.remove();
    data.remove();
  });

  /** A loop of two commits in two files, of which the second needs the first. */
  async function loopOfTwo(part: object = {}): Promise<PickInput> {
    const config = targetConfig(target.path, { benchmark, profile: 'none', iterations: 2, ...part });
    const prepared = await steps.prepare({ loopId: 'loop', config, startedAt: '2026-01-02T03:04:05.000Z' });
    const champion = await iterate(steps, prepared, 1, withHelper);
    await iterate(steps, { ...prepared, champion }, 2, byHelper);
    return { loopId: 'loop', repository: target.path, iterations: [1, 2], branch: 'picked' };
  }

  it('refuses commits that apply but fail the tests without the others, and makes no branch', async () => {
    const input = await loopOfTwo();
    const before = await target.snapshot();
    await expect(steps.pick({ ...input, iterations: [2] })).rejects.toThrow(
      /^commits: those of 2 together do not pass: test: .*does not provide an export named 'start'/s,
    );
    expect(await target.snapshot()).toEqual(before);
    expect(await steps.pick(input)).toMatchObject({
      ...{ branch: 'picked', verdict: 'confirmed', isGuarded: false, sandbox: 'bubblewrap' },
      samples: [{ pair: [600, 200] }, { pair: [600, 200] }],
    });
  });

  it('runs the held-out tests too, by leave of the worker, and tells nothing of how they fail', async () => {
    const input = await loopOfTwo({ guard: 'hidden' });
    expect(await steps.pick({ ...input, iterations: [1] })).toMatchObject({ isGuarded: true, verdict: 'confirmed' });
    const secret =
      "if (/= 100;/.test((await import('node:fs')).readFileSync('src/more.mjs'))) throw new Error('secret');\nconsole.log('1 passed');\n";
    writeFileSync(join(data.path, 'hidden', 'hidden.mjs'), secret);
    const failing = steps.pick({ ...input, branch: 'other' });
    await expect(failing).rejects.toThrow(
      /^commits: those of 1, 2 together do not pass: guard: the held-out tests failed$/,
    );
    steps = await realActivities(data.path, { ...settings(), guards: {} });
    await expect(steps.pick({ ...input, branch: 'other' })).rejects.toThrow(/guard: .*hidden/);
    expect(await target.git('for-each-ref', 'refs/heads/other')).toBe('');
  });

  it('refuses what somebody else may send: names, numbers, repositories, commits that are gone', async () => {
    const input = await loopOfTwo();
    const refused: [Partial<PickInput>, RegExp][] = [
      [{ branch: '../x' }, /branch: .* is not a valid name/],
      [{ branch: 'main' }, /branch: "main" is in .* already; give another name with --branch/],
      [{ iterations: [] }, /iterations: none is given/],
      [{ iterations: [3] }, /iteration: 3 has no record; committed are 1, 2/],
      [{ loopId: 'other' }, /loop: "other" has no ledger in/],
      [{ repository: '/etc' }, /repository: "\/etc" is not allowed by this worker/],
    ];
    for (const [part, message] of refused) await expect(steps.pick({ ...input, ...part })).rejects.toThrow(message);
    await target.git('update-ref', '-d', 'refs/heads/karpathy-loop/loop');
    await target.git('reflog', 'expire', '--expire=now', '--all');
    await target.git('gc', '--quiet', '--prune=now');
    await expect(steps.pick(input)).rejects.toThrow(/^commit: \w{10} is no commit of .* any more; bring it back$/);
  });
});
