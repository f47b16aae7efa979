import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Hotspot } from '../../../domain/steps.ts';
import { exactRounds, sumInRounds } from '../../support/repository/target.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const [rounds, ...sum] = sumInRounds('total', 300).split('\n');
const cold = ['export function cold() {', '  return UNUSED;', '}', ''];
const source = [rounds, 'const UNUSED = 4;', ...sum.slice(0, -1), ...cold].join('\n');

describe.skipIf(findOnPath('bwrap') === null)(
  'the source "tune" (bring its sandbox with: node scripts/setup.mjs)',
  () => {
    let on: StepsOnTarget;
    afterEach(() => on.remove());

    async function propose(hotspot: Partial<Hotspot>, samples = 1) {
      const hypothesis = { source: 'tune', samples } as const;
      const prepared = await on.prepare({ hypothesis, benchmark: exactRounds });
      const { loopId, repository, champion } = prepared;
      const hotspots = [{ file: 'src/total.mjs', name: 'total', line: 3, share: 0.9, ...hotspot }];
      const turn = { iteration: 1, attempt: 0, previous: null, hotspots, metric: 300 };
      const ref = { loopId, repository, champion, startedAt: '2026-01-02T03:04:05.000Z' };
      return { prepared, answer: await on.call((steps) => steps.hypothesize({ ...ref, ...turn })) };
    }

    it('proposes values of the constants that the hot code uses, and asks nobody', async () => {
      on = await stepsOnTarget({ files: { 'src/total.mjs': source } });
      const { prepared, answer } = await propose({}, 4);
      expect(prepared).toMatchObject({ model: 'tune constants', limits: { repairs: 0 } });
      expect(prepared.summary).toContain('no model: "tune" searches the values of named constants');
      expect(answer).toMatchObject({ kind: 'several', tokens: 0 });
      expect('hypotheses' in answer && answer.hypotheses.map(({ title }) => title).sort()).toEqual([
        'Set ROUNDS in src/total.mjs to 1200 (was 300)',
        'Set ROUNDS in src/total.mjs to 75 (was 300)',
      ]);
    });

    it('ends the loop where the hot code uses no constant, and says what would help', async () => {
      on = await stepsOnTarget({ files: { 'src/total.mjs': source.replace('return UNUSED', 'return 5') } });
      const { answer } = await propose({ name: 'cold', line: 11 });
      expect(answer).toMatchObject({
        kind: 'none',
        isLast: true,
        detail:
          'tune: the hot code uses none of the named constants (ROUNDS, UNUSED); name a number that it uses, or take a model',
      });
    });

    it('refuses before the loop begins where no editable file has a named constant', async () => {
      on = await stepsOnTarget({ files: { 'src/total.mjs': source.replace(/^const .*\n/gm, '') } });
      await expect(on.prepare({ hypothesis: { source: 'tune' } })).rejects.toThrow(
        'hypothesis.source: "tune" sets values of named constants, and no editable file has one; take a coding model ("ollama pull qwen2.5-coder:7b") or a program of your own (--command-source), or name a constant (const BLOCK_SIZE = 64)',
      );
    });

    it('refuses there, too, where the hot code of the base uses none, by its profile', async () => {
      on = await stepsOnTarget({
        files: { 'src/total.mjs': source.replace('const ROUNDS = 300;\n', '').replace('ROUNDS', '300') },
      });
      await expect(on.prepare({ hypothesis: { source: 'tune' }, profile: 'auto' })).rejects.toThrow(
        'hypothesis.source: "tune" has nothing to do: the hot code uses none of the named constants (UNUSED); name a number that it uses, or take a model',
      );
    });
  },
);
