import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { IterationRef, PreparedLoop, Steps } from '../../../domain/steps.ts';
import { exactRounds, proposals } from '../../support/repository/target.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const test = 'node --test --test-reporter=spec flaky.test.mjs';

/** Tests of which one goes by a file outside of the tree, so that its outcomes can be told beforehand. */
const files = (state: string) => ({
  'flaky.test.mjs': [
    "import assert from 'node:assert';",
    "import { readFileSync } from 'node:fs';",
    "import test from 'node:test';",
    "import { total } from './src/total.mjs';",
    "test('steady', () => assert.equal(total([1, 2, 3]), 6));",
    `test('flaky', () => assert.notEqual(readFileSync('${state}', 'utf8'), 'F'));`,
    `test('flakier', () => assert.notEqual(readFileSync('${state}', 'utf8'), 'G'));`,
    '',
  ].join('\n'),
});

describe.skipIf(!hasSandbox)('flaky tests (bring the sandbox with: node scripts/setup.mjs)', () => {
  let on: StepsOnTarget;
  /** Outcomes that are left for the base and for candidates: P passes, F and G fail in a test each. */
  let left: { base: string; candidate: string };
  /** Runs of the tests so far: b on the base, c on a candidate. */
  let ran: string;

  beforeEach(async () => {
    on = await stepsOnTarget();
    const directory = join(on.data, 'state');
    const file = join(directory, 'state');
    mkdirSync(directory);
    await on.target.commit(files(file), 'Test');
    on.resources.settings.readOnlyPaths = { state: directory };
    [left, ran] = [{ base: '', candidate: '' }, ''];
    const { sandbox } = on.resources;
    let baseTree: string | null = null;
    on.resources.sandbox = {
      ...sandbox,
      run: (request) => {
        if (request.command === test || request.guard !== undefined) {
          baseTree ??= request.tree;
          const side = request.tree === baseTree ? 'base' : 'candidate';
          writeFileSync(file, left[side].charAt(0) || 'P');
          left[side] = left[side].slice(1);
          ran += side.charAt(0);
        }
        return sandbox.run(request);
      },
    };
  });
  afterEach(() => on.remove());

  async function prepare(base: string, part: Partial<LoopConfigInput> = {}): Promise<PreparedLoop> {
    left.base = base;
    const prepared = await on.prepare({ test, sandbox: { readOnly: ['state'] }, iterations: 9, ...part });
    ran = '';
    return prepared;
  }
  async function judge(prepared: PreparedLoop, candidate: string, base = '') {
    [left, ran] = [{ base, candidate }, ''];
    return on.test(prepared, proposals.faster);
  }

  const call = <Out>(work: (steps: Steps) => Promise<Out>): Promise<Out> => on.call(work);
  const iteration = ({ loopId, repository, champion }: PreparedLoop, nth: number): IterationRef => {
    return { loopId, repository, champion, iteration: nth, startedAt: '2026-01-02T03:04:05.000Z' };
  };
  /** Applies and tests the same hypothesis, and records what came of it. */
  async function iterate(prepared: PreparedLoop, nth: number): Promise<string> {
    const ref = iteration(prepared, nth);
    const hypothesis = proposals.faster;
    const applied = await call((steps) => steps.apply({ ...ref, hypothesis }));
    const tested =
      applied.kind === 'applied' ? await call((steps) => steps.test({ ...ref, tree: applied.tree })) : applied;
    if (tested.kind === 'passed') return 'passed';
    const { reason, detail } = tested;
    const facts = { ...ref, hypothesis, tree: applied.tree, verdict: null, attempts: 1, tokens: 0 };
    await call((steps) => steps.rollback({ ...facts, reason, detail }));
    return reason;
  }

  describe('of the base', () => {
    it.each([
      ['PPP', 0, 'readonly'],
      ['FPP', 1, 'readonly'],
      ['PFP', 1, 'readonly'],
      ['FPF', 2, 'readonly'],
      ['FFP', 0, 'copy'],
    ])('that behave as %s are known, and take no protection away', async (base, failures, workspace) => {
      const prepared = await prepare(base, { workspace: 'auto' });
      const flaky = failures > 0 ? ['flaky'] : [];
      expect(await on.facts(prepared)).toMatchObject({ workspace, testRuns: { failures, flaky } });
      const told = `flaky tests: "flaky" failed in ${failures} of 3 runs of the base`;
      if (failures > 0) expect(prepared.summary).toContain(told);
      else expect(prepared.summary).not.toContain('flaky');
      expect(on.runs.filter(({ command }) => command === test)).toHaveLength(3);
    });

    it('that never pass are refused with the number of runs', async () => {
      await expect(prepare('FFF')).rejects.toThrow(
        /^test: fails on the base \w+ in the sandbox; .*\(3 of 3 runs failed by "flaky", while others passed: /,
      );
      await expect(prepare('FGF')).rejects.toThrow('(3 of 3 runs failed by "flakier", "flaky", while');
      await expect(prepare('', { test: 'exit 1' })).rejects.toThrow('(3 of 3 runs failed), or let it');
    });
  });

  describe('of a candidate', () => {
    it('that are known are run again, up to three times, and one pass passes', async () => {
      const prepared = await prepare('PFP');
      expect(await judge(prepared, 'FFP')).toMatchObject({ kind: 'passed' });
      expect(ran).toBe('ccc');
      expect(await judge(prepared, 'FFF')).toMatchObject({
        reason: 'tests-failed',
        detail: expect.stringMatching(/^test: failed 3 of 3 runs, by tests that fail on the base too\n/) as string,
      });
    });

    it('that the base shows to be flaky become known', async () => {
      const prepared = await prepare('PPP');
      expect(await judge(prepared, 'FP', 'PF')).toMatchObject({ kind: 'passed' });
      expect(ran).toBe('ccbb');
      expect(await on.facts(prepared)).toMatchObject({ testRuns: { runs: 5, failures: 1, flaky: ['flaky'] } });
      expect(await judge(prepared, 'FP')).toMatchObject({ kind: 'passed' });
      expect(ran).toBe('cc');
    });

    it('that pass once and fail once are refused where the base never fails', async () => {
      const prepared = await prepare('PPP');
      expect(await judge(prepared, 'FP')).toMatchObject({
        reason: 'tests-failed',
        detail: expect.stringMatching(
          /^test: failed 1 of 2 runs on the candidate, never so on the base \(6 runs\)\n/,
        ) as string,
      });
      expect(ran).toBe('ccbbb');
    });

    it('that fail alike are refused after runs of the base, in the words of the first', async () => {
      const prepared = await prepare('PFP');
      expect(await judge(prepared, 'GG')).toMatchObject({
        reason: 'tests-failed',
        detail: expect.stringMatching(/^test: ended with exit code 1\n/) as string,
      });
      expect(ran).toBe('ccbbb');
      // From then on one more run of the base will do.
      expect(await judge(prepared, 'GG')).toMatchObject({ reason: 'tests-failed' });
      expect(ran).toBe('ccb');
    });

    it('that are known are left out where the config says so, and no others', async () => {
      const prepared = await prepare('PFP', { flaky: 'ignore' });
      expect(prepared.summary).toContain("a candidate's failure of nothing else passes");
      expect(await judge(prepared, 'F')).toMatchObject({ kind: 'passed' });
      expect(ran).toBe('c');
      [left, ran] = [{ base: '', candidate: 'FFF' }, ''];
      expect(await on.test(prepared, proposals.broken)).toMatchObject({ reason: 'tests-failed' });
    });

    it('that are held out are run again likewise, and tell nothing', async () => {
      const directory = join(on.data, 'held-out');
      mkdirSync(directory);
      const command = `grep -qv F ${join(on.data, 'state', 'state')}`;
      on.resources.settings.guards = { hidden: { directory, command } };
      const prepared = await prepare('', { guard: 'hidden', test: 'node test.mjs' });
      expect(await judge(prepared, 'FP', 'F')).toMatchObject({ kind: 'passed' });
      expect(await judge(prepared, 'FP')).toMatchObject({ kind: 'passed' });
      expect(ran).toBe('cc');
      expect(await judge(prepared, 'FFF')).toMatchObject({
        reason: 'guard-failed',
        detail: 'guard: the held-out tests failed',
      });
    });
  });

  it('let a candidate come again, and others not', async () => {
    const prepared = await prepare('PPP');
    const outcome = async (iteration: number, candidate: string, base = '') => {
      [left, ran] = [{ base, candidate }, ''];
      return iterate(prepared, iteration);
    };
    expect(await outcome(1, 'FP')).toBe('tests-failed');
    expect(await outcome(2, 'GG')).toBe('tests-failed');
    expect(await outcome(3, '')).toBe('duplicate');
    // The base fails by "flakier" while another candidate is judged.
    [left, ran] = [{ base: 'G', candidate: 'GP' }, ''];
    expect(await on.test(prepared, proposals.rename)).toMatchObject({ kind: 'passed' });
    expect(await outcome(4, '')).toBe('passed');
  });

  it('run once more on an accepted candidate, which fails by them as before', async () => {
    const prepared = await prepare('PPP', { benchmark: exactRounds });
    const challenged = async (nth: number, candidate: string) => {
      [left, ran] = [{ base: '', candidate }, ''];
      const ref = iteration(prepared, nth);
      const applied = await call((steps) => steps.apply({ ...ref, hypothesis: proposals.faster }));
      if (applied.kind !== 'applied') throw new Error(applied.detail);
      expect(await call((steps) => steps.test({ ...ref, tree: applied.tree }))).toMatchObject({ kind: 'passed' });
      const benchmarked = await call((steps) => steps.benchmark({ ...ref, tree: applied.tree }));
      expect(benchmarked).toMatchObject({ verdict: { verdict: 'accepted' }, objection: null });
      return () => call((steps) => steps.challenge({ ...ref, tree: applied.tree }));
    };
    const failing = await challenged(1, 'PFF');
    expect(await failing()).toMatchObject({ kind: 'failed', reason: 'tests-failed' });
    // The base passes at once, as these do not.
    expect(ran).toBe('cccb');
    // An answer that was lost is given again, without runs.
    expect(await failing()).toMatchObject({ kind: 'failed', reason: 'tests-failed' });
    expect(ran).toBe('cccb');
    const unstable = await challenged(2, 'PFP');
    expect(await unstable()).toMatchObject({ kind: 'failed', reason: 'tests-failed' });
    expect(ran).toBe('cccbbb');
    const passing = await challenged(3, 'PP');
    expect(await passing()).toEqual({
      kind: 'withstood',
      seconds: expect.any(Number) as number,
      waited: expect.any(Number) as number,
    });
    // The runs after these are over what is broken.
    expect(ran).toMatch(/^cc/);
  });
});
