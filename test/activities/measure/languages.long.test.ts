import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { CollectAnswer } from '../../../domain/steps.ts';
import { languageNeeds, languageTargets } from '../../support/repository/languages.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;

describe.skipIf(!hasSandbox)('hotspots by real profilers (bring the sandbox with: node scripts/setup.mjs)', () => {
  let on: StepsOnTarget | undefined;
  afterEach(() => on?.remove());

  it.each(Object.entries(languageTargets).filter(([name]) => findOnPath(languageNeeds[name]!)))(
    'name first the function that takes most of the time in %s',
    // perf loses callers of short runs on a busy machine.
    { retry: 2 },
    async (_, target) => {
      const { files, config, settings = {}, hot } = target();
      on = await stepsOnTarget({ files, settings });
      const { loopId, repository, champion } = await on.prepare({ profile: 'auto', ...config });
      const ref = { loopId, repository, champion, iteration: 1, startedAt: '2026-01-02T03:04:05.000Z' };
      const { profile } = (await on.call((steps) => steps.collect(ref))) as CollectAnswer;
      const { hotspots, doubt } = await on.call((steps) => steps.analyze({ ...ref, profile }));
      expect(doubt).toBeUndefined();
      expect(hotspots[0]).toMatchObject(hot);
      const { share, total = 0 } = hotspots[0]!;
      expect(Math.max(share ?? 0, total)).toBeGreaterThan(0.3);
    },
  );
});
