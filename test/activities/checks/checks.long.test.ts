import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Checks, VerifyInput } from '../../../domain/checks.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import { decideBy } from '../../../domain/verdict/verdict.ts';
import type { Steps } from '../../../domain/steps.ts';
import { iterate, realActivities } from '../../support/real-activities.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { stepsOnTarget } from '../../support/steps-on-target.ts';
import { createTarget, exactRounds, proposals, scriptedSource, targetConfig } from '../../support/repository/target.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

const hasSandbox = findOnPath('bwrap') !== null;

describe.skipIf(!hasSandbox)(
  'the checks, on real git and a real sandbox (bring it with: node scripts/setup.mjs)',
  () => {
    let data: ReturnType<typeof createDataDirectory>;
    let target: TestRepository;
    let steps: Steps & Checks;

    beforeEach(async () => {
      data = createDataDirectory();
      target = await createTarget();
      steps = await allowing({
        commandSources: { script: { command: scriptedSource(data.path, [proposals.faster]).command } },
      });
    });
    afterEach(async () => {
      await target.remove();
      data.remove();
    });

    const allowing = (settings: object) => realActivities(data.path, { repositories: [target.path], ...settings });
    const prepare = (part: Partial<LoopConfigInput>) =>
      steps.prepare({
        loopId: 'loop',
        config: targetConfig(target.path, part),
        startedAt: '2026-01-02T03:04:05.000Z',
      });
    async function commitOfLoop(): Promise<{ input: VerifyInput; base: string }> {
      const prepared = await prepare({ benchmark: exactRounds });
      const commit = await iterate(steps, prepared, 1, proposals.faster);
      // What only an iteration needs is not asked for: a worker that does not allow the loop's source will do.
      steps = await allowing({});
      return { input: { loopId: 'loop', repository: target.path, commit }, base: prepared.baseSha };
    }
    /** A commit of somebody else's beside a loop whose metric varies. */
    async function commitBesideLoop(rounds: string): Promise<{ input: VerifyInput; base: string }> {
      const { baseSha } = await prepare({});
      const changed = (await target.git('show', 'HEAD:src/total.mjs')).replace('300', rounds);
      const commit = await target.commit({ 'src/total.mjs': changed }, `Sum in ${rounds} rounds`);
      steps = await allowing({});
      return { input: { loopId: 'loop', repository: target.path, commit }, base: baseSha };
    }

    it('confirm a commit by fresh pairs of their own, which tell its verdict again, and change nothing in the repository', async () => {
      const { base, input } = await commitBesideLoop('100');
      const before = await target.snapshot();
      const first = await steps.verify(input);
      expect(first).toMatchObject({
        verdict: 'confirmed',
        alpha: 0.05,
        commit: input.commit,
        parent: base,
        unit: 'ms',
        sandbox: 'bubblewrap',
      });
      expect(first.reported.ratio).toBeLessThan(0.8);
      expect(first.reported.interval[1]).toBeLessThan(1);
      expect(first.samples).toHaveLength(first.pairs + first.reported.pairs);
      const metric = first.samples.map(({ pair }) => pair);
      expect(decideBy(metric.slice(0, first.pairs), first)).toMatchObject({
        verdict: 'accepted',
        pairs: first.pairs,
      });
      const second = await steps.verify(input);
      expect(second.seed).not.toBe(first.seed);
      expect(second.samples).not.toEqual(first.samples);
      expect(await target.snapshot()).toEqual(before);
      expect(readdirSync(join(data.path, 'checks', 'loop')).sort()).toEqual(['lock']);
    });

    it("do not confirm a commit that is slower, by the loop's benchmark though not of the loop", async () => {
      const { input } = await commitBesideLoop('600');
      const verified = await steps.verify(input);
      expect(verified).toMatchObject({ verdict: 'not confirmed' });
      expect(verified.reported.ratio).toBeGreaterThan(1);
      expect(verified.samples).toHaveLength(verified.pairs);
    });

    it('need one pair of an exact metric, and one that confirms a gain', async () => {
      const { input } = await commitOfLoop();
      expect(await steps.verify(input)).toMatchObject({
        verdict: 'confirmed',
        samples: [{ pair: [300, 100] }, { pair: [300, 100] }],
      });
      const commit = await target.commit(
        { 'src/total.mjs': `${await target.git('show', 'HEAD:src/total.mjs')}\n// Nothing.\n` },
        'Explain',
      );
      expect(await steps.verify({ ...input, commit })).toMatchObject({
        verdict: 'not confirmed',
        samples: [{ pair: [300, 300] }],
      });
    });

    it('refuse what they cannot or may not measure', async () => {
      const { base, input } = await commitOfLoop();
      const refused: [Partial<VerifyInput>, RegExp][] = [
        [{ loopId: '../x' }, /loop id: .* is not a valid ref name/],
        [{ loopId: 'other' }, /loop: "other" has no ledger in/],
        [{ commit: '--help' }, /commit: .* is not an object id/],
        [{ commit: 'a'.repeat(40) }, /commit: a{10} is no commit of/],
        [{ commit: base }, /is a root commit/],
        [{ repository: '/etc' }, /repository: "\/etc" is not allowed by this worker/],
      ];
      for (const [part, message] of refused) await expect(steps.verify({ ...input, ...part })).rejects.toThrow(message);
      const outside = await target.commit({ 'bench.mjs': 'console.log("METRIC ROUNDS = 1;");\n' }, 'Make it easy');
      await expect(steps.verify({ ...input, commit: outside })).rejects.toThrow(
        /^commit: \w+ could not be measured against \w+: "bench.mjs"/,
      );
      await target.git('reset', '--quiet', '--hard', base);
      const broken = await target.commit({ 'src/total.mjs': 'const ROUNDS = none;\n' }, 'Break it');
      await expect(steps.verify({ ...input, commit: broken })).rejects.toThrow(
        /^commit: \w+ could not be measured against \w+: .*no line of the output matches/s,
      );
    });

    it('run the benchmark of a base as often as they are asked, and leave nothing behind', async () => {
      const before = await target.snapshot();
      const diagnosed = await steps.doctor({ config: targetConfig(target.path), runs: 10 });
      expect(diagnosed).toMatchObject({
        baseSha: await target.git('rev-parse', 'HEAD'),
        workspace: 'readonly',
        sandbox: 'bubblewrap',
      });
      expect(diagnosed.runs).toHaveLength(10);
      for (const { metric, cpuMs, wallMs } of diagnosed.runs)
        for (const value of [metric, cpuMs, wallMs]) expect(value).toBeGreaterThan(0);
      expect(diagnosed.sideRuns).toEqual([]);
      expect(diagnosed.runMs).toBeGreaterThan(Math.min(...diagnosed.runs.map(({ wallMs }) => wallMs)));
      expect(await target.snapshot()).toEqual(before);
      expect(readdirSync(join(data.path, 'checks'))).toEqual([]);
    });

    it('name the functions of a base that no test notices when they throw', async () => {
      await target.commit({ 'src/more.mjs': 'export function more(x) {\n  return x;\n}\n' }, 'Add a function');
      const ofScript = await steps.doctor({ config: targetConfig(target.path), runs: 10 });
      expect(ofScript.unnoticed).toEqual({ tried: 2, unnoticed: ['more'], canFail: true });
      const test = "test 1 -eq 1 && echo '# pass 1'";
      const ofNothing = await steps.doctor({ config: targetConfig(target.path, { test }), runs: 10 });
      expect(ofNothing.unnoticed).toEqual({ tried: 2, unnoticed: ['total', 'more'], canFail: false });
    });

    it('tell of a base that fails, as the loop would', async () => {
      await expect(steps.doctor({ config: targetConfig(target.path, { test: 'false' }), runs: 10 })).rejects.toThrow(
        /^test: /,
      );
      await expect(steps.doctor({ config: targetConfig('/etc'), runs: 10 })).rejects.toThrow(
        'is not allowed by this worker',
      );
      const number = { pattern: '^(\\d+)$' };
      const misfits: [Partial<LoopConfigInput>, RegExp][] = [
        [{ editable: ['lib/**'] }, /^editable: "lib\/\*\*" matches no file of the base/],
        [
          {
            editable: ['src/**', 'size.mjs'],
            sideMetrics: [{ name: 'size', command: 'node size.mjs', metric: number }],
          },
          /^editable: "size\.mjs" matches only what always comes from the base/,
        ],
        [
          { sideMetrics: [{ name: 'size', command: 'exit 3', metric: number }] },
          /^sideMetrics\.size: ended with exit code 3/,
        ],
      ];
      await target.commit({ 'size.mjs': 'console.log(5);\n' }, 'Measure the size');
      for (const [part, message] of misfits)
        await expect(steps.doctor({ config: targetConfig(target.path, part), runs: 10 })).rejects.toThrow(message);
      await target.commit(
        {
          'model.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 5\n`,
          'load.mjs': 'model.bin',
        },
        'Add a pointer',
      );
      await expect(steps.doctor({ config: targetConfig(target.path), runs: 10 })).rejects.toThrow(
        'base: "model.bin" is a Git LFS pointer',
      );
      await expect(steps.doctor({ config: {}, runs: 10 })).rejects.toThrow('repository: is missing');
      await expect(steps.doctor({ config: targetConfig(target.path), runs: 1e9 })).rejects.toThrow(
        'runs: 1000000000 is not a number from 2 to 1000',
      );
      expect(readdirSync(join(data.path, 'checks'))).toEqual([]);
    });
  },
);

describe.skipIf(!hasSandbox)('a measurement of a commit', () => {
  it.each([
    ['is cancelled keeps nothing', 'CANCELLED' as const, 0],
    ['is taken from a worker that shuts down keeps its journal for the next attempt', 'WORKER_SHUTDOWN' as const, 1],
  ])('that %s', async (_, reason, kept) => {
    const on = await stepsOnTarget();
    try {
      await on.prepare({ benchmark: exactRounds });
      const commit = await on.target.commit(
        { 'src/total.mjs': (await on.target.git('show', 'HEAD:src/total.mjs')).replace('300', '100') },
        'Be faster',
      );
      const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
      const { sandbox } = on.resources;
      const journals = () => readdirSync(join(on.data, 'checks', 'loop')).filter((name) => /^[0-9a-f]{24}$/.test(name));
      let begun = 0;
      on.resources.sandbox = {
        ...sandbox,
        run(request) {
          // The journal is there: the first run of a pair begins.
          if (journals().length > 0 && begun++ === 0) environment.cancel(reason);
          return sandbox.run(request);
        },
      };
      const activities = createActivities(on.resources);
      await expect(
        environment.run((input: VerifyInput) => activities.verify(input), {
          loopId: 'loop',
          repository: on.target.path,
          commit,
        }),
      ).rejects.toThrow();
      expect(begun).toBeGreaterThan(0);
      expect(journals()).toHaveLength(kept);
    } finally {
      await on.remove();
    }
  });
});
