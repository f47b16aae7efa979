import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IterationRecord } from '../../../domain/ledger/record.ts';
import { parseRecord } from '../../../domain/ledger/record.ts';
import { renderReport, report } from '../../../domain/ledger/report.ts';
import type { ChallengeAnswer, IterationFacts, PreparedLoop } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;

/** Its tests see little of it: what they miss is what the replay check is for. */
const rank = `import { weightOf } from './weight.mjs';

const LIMIT = 100;

/** Orders records by weight; equal ones stay in order. */
export function rank(records) {
  const sorted = [...records].sort((a, b) => weightOf(a.n) - weightOf(b.n));
  return sorted.slice(0, LIMIT);
}

export function initials(text) {
  return text.split(' ').filter(Boolean).map((word) => [...word][0].toUpperCase()).join('');
}

export function share(part, all) {
  if (all < 0) throw new RangeError('all: is negative');
  return part / all;
}

export const stamp = (text) => text + ':' + process.hrtime.bigint();

export async function later(text) {
  return initials(text);
}
`;
const weight = `export function weightOf(n) {
  let sum = 0;
  for (let turn = 0; turn < 10; turn++) sum = Math.abs(n);
  return sum;
}
`;
const check = `import assert from 'node:assert';
import { rank, initials, share, stamp, later } from './src/rank.mjs';
assert.deepEqual(rank([{ n: 2, id: 'a' }, { n: 1, id: 'b' }]), [{ n: 1, id: 'b' }, { n: 2, id: 'a' }]);
assert.equal(initials('ada lovelace'), 'AL');
assert.equal(share(1, 2), 0.5);
assert.equal(share(3, 4), 0.75);
assert.match(stamp('x'), /^x:/);
assert.equal(await later('ada b'), 'AB');
`;

describe.skipIf(!hasSandbox)('the replay check, in a real sandbox (bring it with: node scripts/setup.mjs)', () => {
  let on: StepsOnTarget;
  let prepared: PreparedLoop;
  let iteration = 0;
  beforeAll(async () => {
    on = await stepsOnTarget({ files: { 'src/rank.mjs': rank, 'src/weight.mjs': weight, 'test.mjs': check } });
    prepared = await on.prepare({ iterations: 99, hypothesis: { source: 'command', command: 'script', repairs: 0 } });
  });
  afterAll(() => on.remove());

  interface Challenged {
    answer: ChallengeAnswer;
    record: IterationRecord;
  }

  /** Challenges a candidate, and records the end as the loop would. */
  async function challenge(file: string, search: string, replace: string, content?: string): Promise<Challenged> {
    const { loopId, repository, champion } = prepared;
    const startedAt = '2026-01-02T03:04:05.000Z';
    const ref = { loopId, repository, champion, iteration: ++iteration, startedAt };
    const hypothesis = {
      title: toLine(`Edit ${iteration}`),
      edits: [content === undefined ? { file, search, replace } : { file, content }],
    };
    const applied = await on.call((steps) => steps.apply({ ...ref, hypothesis }));
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const answer = await on.call((steps) => steps.challenge({ ...ref, tree: applied.tree }));
    const facts: IterationFacts = { ...ref, hypothesis, tree: applied.tree, verdict: null, attempts: 1, tokens: 0 };
    const end =
      answer.kind === 'failed'
        ? { reason: answer.reason, detail: answer.detail }
        : { reason: 'cancelled' as const, detail: '' };
    await on.call((steps) => steps.rollback({ ...facts, ...end }));
    const shown = await on.target.git('show', `refs/karpathy-loop/loop/ledger:records/0/${iteration}.json`);
    return { answer, record: parseRecord(shown) };
  }
  const changed = (detail: RegExp) => ({
    kind: 'failed',
    reason: 'behaviour-changed',
    detail: expect.stringMatching(detail) as string,
  });

  it.each([
    ['a quicker loop', 'src/weight.mjs', 'turn < 10', 'turn < 2', ['weightOf']],
    [
      'the same in other words',
      'src/rank.mjs',
      "text.split(' ').filter(Boolean)",
      "text.split(' ').filter((word) => word !== '')",
      ['initials'],
    ],
    ['another order of additions', 'src/rank.mjs', 'part / all', 'part * (1 / all)', ['share']],
    ['another message of an error', 'src/rank.mjs', 'all: is negative', 'all: is below 0', ['share']],
  ])('lets %s pass, and says what it compared', async (_, file, search, replace, names) => {
    const { answer, record } = await challenge(file, search, replace);
    expect(answer).toMatchObject({ kind: 'withstood' });
    expect(record.replay).toMatchObject({ edited: names.length, covered: names.length, leftOut: [] });
    expect(record.replay!.calls).toBeGreaterThan(10);
    const text = renderReport(report('loop', [record], null));
    expect(text).toContain(
      `Replay check:\n  ${record.iteration}: ${names.length} of ${names.length} edited functions ran, `,
    );
  });

  it.each([
    [
      'lost stability',
      'src/rank.mjs',
      '[...records].sort((a, b) => weightOf(a.n) - weightOf(b.n))',
      '[...records].reverse().sort((a, b) => weightOf(a.n) - weightOf(b.n))',
      /^replay: src\/rank\.mjs: rank behaves/,
    ],
    [
      'a wrong sign',
      'src/weight.mjs',
      'Math.abs(n)',
      'n',
      /^replay: src\/weight\.mjs: weightOf behaves otherwise than in the base\ninput: \(-1\)\nbase: returns 1\ncandidate: returns -1$/,
    ],
    [
      'halves of characters',
      'src/rank.mjs',
      '[...word][0]',
      'word[0]',
      /initials behaves.*\ninput: \(".*\nbase: returns ".*\ncandidate: returns \{"units"/,
    ],
    [
      'an error that is gone',
      'src/rank.mjs',
      "  if (all < 0) throw new RangeError('all: is negative');\n",
      '',
      /base: throws RangeError\ncandidate: returns/,
    ],
    [
      'another error',
      'src/rank.mjs',
      "new RangeError('all",
      "new TypeError('all",
      /base: throws RangeError\ncandidate: throws TypeError/,
    ],
    ['changed arguments', 'src/rank.mjs', '[...records].sort', 'records.sort', /leaves its arguments as/],
    ['a constant at the top', 'src/rank.mjs', 'const LIMIT = 100;', 'const LIMIT = 3;', /rank behaves otherwise/],
    // Inputs are drawn by chance: a constant may not show in the first draw.
  ])('finds %s, which the tests pass', { retry: 2 }, async (_, file, search, replace, detail) => {
    const { answer, record } = await challenge(file, search, replace);
    expect(answer).toMatchObject(changed(detail));
    expect(record).toMatchObject({ outcome: 'rolledBack', reason: 'behaviour-changed' });
    expect(renderReport(report('loop', [record], null))).toContain('calls, another answer');
  });

  const caller = "globalThis[Symbol.for('karpathy-loop.call')]";
  it.each([
    ['never returns', `if (${caller}) for (;;);`, /candidate: does not return in time/],
    [
      'ends the process',
      `if (${caller}) process.reallyExit(0);`,
      /candidate: gives no answer: replay: (exited|failed|ended|ok)/,
    ],
    [
      'prints without end',
      `if (${caller}) for (;;) try { fs.writeSync(1, 'x'.repeat(1e6)); } catch {}`,
      /candidate: gives no answer/,
    ],
    [
      'forges an answer',
      `if (${caller}) { JSON.stringify = () => '{}'; return 'forged'; }`,
      /candidate: returns "forged"/,
    ],
  ])('refuses a candidate that %s when it is called for the check', async (_, statement, detail) => {
    const content = `import fs from 'node:fs';\n${rank.replace('  return text.split', `  ${statement}\n  return text.split`)}`;
    const { answer } = await challenge('src/rank.mjs', '', '', content);
    expect(answer).toMatchObject(changed(detail));
  });

  it('finds work that is left out in the benchmark, where no checksum covers it', async () => {
    const { answer } = await challenge(
      'src/total.mjs',
      'export function total(items) {',
      "let calls = 0;\nexport function total(items) {\n  if (process.argv[1].endsWith('bench.mjs') && calls++ === 0) return 0;",
    );
    expect(answer).toMatchObject(changed(/^replay: in the benchmark's run: total behaves[^]*\ncandidate: returns 0$/));
  });

  const ofTwo = "(text) => text.split(' ').filter(Boolean).slice(0, 2).map((word) => word[0].toUpperCase()).join('')";
  it.each([
    ['another function under the same name', `const first = ${ofTwo};\nexport { first as initials };`],
    ['a value under the same name', `const all = { initials: ${ofTwo} };\nexport const { initials } = all;`],
  ])('finds a difference in %s', async (_, put) => {
    const inner = rank.slice(rank.indexOf('export function initials'), rank.indexOf('export function share'));
    const content = rank.replace(inner, `${put}\n`).replace('return initials(text);', `return (${ofTwo})(text);`);
    const { answer, record } = await challenge('src/rank.mjs', '', '', content);
    expect(answer).toMatchObject({ kind: 'failed', reason: 'behaviour-changed' });
    expect(record.detail).toContain('initials');
  });

  it('leaves out by name what answers otherwise each time, what is asynchronous, and what is gone', async () => {
    const content = rank
      .replace('(text) => text +', '(text) => text.slice() +')
      .replace('return initials(text);', 'return initials(`${text}`);')
      .replace(
        'export function share(part, all) {',
        'export const share = (part, all) => ratio(part, all);\nfunction ratio(part, all) {',
      );
    const { answer, record } = await challenge('src/rank.mjs', '', '', content);
    expect(answer).toMatchObject({ kind: 'withstood' });
    expect(record.replay!.leftOut).toEqual(
      expect.arrayContaining([
        { name: 'src/rank.mjs: stamp', why: 'answers otherwise in a second run of the base' },
        { name: 'src/rank.mjs: later', why: 'async' },
      ]),
    );
  });

  it('gives the base and the candidate runs of their own, and no run sees an answer', () => {
    const called = on.runs.filter(({ command }) => command.includes('call.mjs'));
    const trees = new Set(called.map(({ tree }) => tree));
    expect(trees.size).toBeGreaterThan(10);
    expect(called.every(({ provided, workspace }) => provided.length === 0 && workspace === 'readonly')).toBe(true);
  });
});
