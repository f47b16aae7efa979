import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { toLine } from '../../../domain/text.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasParts = findOnPath('bwrap') !== null && findOnPath('python3') !== null;

const printed = 'METRIC ms=${ms}\\nCHECK ${check}';
const head = `import { total } from './src/total.mjs';
const items = Array.from({ length: 20_000 }, (_, index) => index + (Number(process.env.BENCH_SEED ?? 1) % 7));
const measure = () => {
  const before = process.cpuUsage();
  let check = 0;
  for (let repeat = 0; repeat < 8; repeat++) check += total(items);
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, check };
};
const { ms, check } = measure();
`;
const verify =
  "for (let round = 0; round < 8; round++) if (measure().check !== check) throw new Error('not steady');\n";
const files = {
  'early.mjs': `${head}console.log(\`${printed}\`);\n${verify}`,
  'late.mjs': `${head}${verify}console.log(\`${printed}\`);\n`,
  'early.py': 'import time\nprint("METRIC ms=5")\nbefore = time.time()\nwhile time.time() - before < 1: pass\n',
  'late.py': 'import time\nbefore = time.time()\nwhile time.time() - before < 1: pass\nprint("METRIC ms=5")\n',
};
const metric = { pattern: '^METRIC ms=([0-9.]+)$' };
const output = { pattern: '^CHECK (.+)$' };

describe.skipIf(!hasParts)('a benchmark that goes on after its last line', () => {
  let on: StepsOnTarget;
  afterEach(() => on.remove());

  it.each([
    ['node early.mjs', { metric, output }, 1],
    ['node late.mjs', { metric, output }, 0],
    // Python keeps what it prints into a pipe until it ends.
    ['python3 early.py', { metric, clock: 'none' }, 1],
    ['python3 late.py', { metric, clock: 'none' }, 0],
  ] as const)('is named at the start: %s', async (command, part, count) => {
    on = await stepsOnTarget({ files });
    const { notes } = await on.prepare({ benchmark: { ...part, command } });
    const named = notes!.filter((note) => note.startsWith('end: '));
    expect(named).toHaveLength(count);
    if (count > 0) expect(named[0]).toMatch(/^end: \d+ % of a run comes after its last line/);
  });

  it('and one that prints at its end shows an end that comes too early', async () => {
    on = await stepsOnTarget({ files });
    const benchmark = { metric, output, command: 'node late.mjs' };
    const { loopId, repository, champion } = await on.prepare({ benchmark });
    const ref = { loopId, repository, champion, iteration: 1, startedAt: '2026-01-02T03:04:05.000Z' };
    const replace = 'let calls = 0;\nexport function total(items) {\n  if (++calls === 20) process.reallyExit(0);';
    const edits = [{ file: 'src/total.mjs', search: 'export function total(items) {', replace }];
    const hypothesis = { title: toLine('End early'), edits };
    const applied = await on.call((steps) => steps.apply({ ...ref, hypothesis }));
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const answer = await on.call((steps) => steps.benchmark({ ...ref, tree: applied.tree }));
    expect(answer).toMatchObject({ kind: 'failed', reason: 'benchmark-failed' });
    expect((answer as { detail: string }).detail).toContain('no line of the output matches');
  });
});
