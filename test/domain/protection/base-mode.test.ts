import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextMode, settledMode, type AllowedModes, type ModeRun } from '../../../domain/protection/base-mode.ts';

const auto: AllowedModes = { workspace: 'auto', exitGuard: true };

/** The modes of the runs of a base that behaves so, until one passes in the settled mode; three at most. */
function tried(allowed: AllowedModes, run: (mode: ModeRun['mode'], nth: number) => Pick<ModeRun, 'passed' | 'blames'>) {
  const runs: ModeRun[] = [];
  while (runs.length < 3) {
    const mode = nextMode(runs, allowed);
    runs.push({ mode, ...run(mode, runs.length) });
    const settled = settledMode(runs, allowed);
    const isBegun = runs.some((one) => one.passed && JSON.stringify(one.mode) === JSON.stringify(settled));
    if (isBegun) return { runs, settled };
  }
  return { runs, settled: null };
}
const names = ({ runs }: { runs: ModeRun[] }) =>
  runs.map(
    ({ mode, passed }) => `${mode.workspace}${mode.exitGuard ? '' : ', unwatched'}: ${passed ? 'passes' : 'fails'}`,
  );

describe('the mode in which a base is judged', () => {
  it('is the strictest where the first run passes', () => {
    const found = tried(auto, () => ({ passed: true, blames: null }));
    expect(found.settled).toEqual({ workspace: 'readonly', exitGuard: true });
    expect(found.runs).toHaveLength(1);
  });

  it('stays the strictest where one unlucky run fails', () => {
    expect(tried(auto, (_, nth) => ({ passed: nth === 1, blames: null })).settled).toEqual({
      workspace: 'readonly',
      exitGuard: true,
    });
  });

  it('is a copy at once where the failure speaks of a read-only tree, and after two failures that do not', () => {
    const writes = (blames: ModeRun['blames']) =>
      tried(auto, ({ workspace }) => ({ passed: workspace === 'copy', blames }));
    expect(names(writes('workspace'))).toEqual(['readonly: fails', 'copy: passes']);
    expect(names(writes(null))).toEqual(['readonly: fails', 'readonly: fails', 'copy: passes']);
  });

  it('is none where the base fails under the exit guard, which a run without it shows', () => {
    const found = tried(auto, ({ exitGuard }) => ({ passed: !exitGuard, blames: exitGuard ? 'exitGuard' : null }));
    expect(names(found)).toEqual(['readonly: fails', 'readonly, unwatched: passes', 'readonly: fails']);
    expect(found.settled).toBeNull();
    const givenUp = tried({ ...auto, exitGuard: false }, ({ exitGuard }) => ({ passed: !exitGuard, blames: null }));
    expect(givenUp.settled).toEqual({ workspace: 'readonly', exitGuard: false });
  });

  it('never gives up the exit guard, nor a read-only tree after a run that passed in it', () => {
    const run = fc.record({ passed: fc.boolean(), blames: fc.constantFrom('workspace', 'exitGuard', null) });
    const allowed = fc.record({
      workspace: fc.constantFrom('auto', 'readonly', 'copy'),
      exitGuard: fc.boolean(),
    });
    fc.assert(
      fc.property(allowed, fc.array(run, { minLength: 3, maxLength: 3 }), (allowed, outcomes) => {
        const { settled, runs } = tried(allowed, (_, nth) => outcomes[nth]!);
        if (!settled) return;
        expect(settled.exitGuard).toBe(allowed.exitGuard);
        if (allowed.workspace !== 'auto') expect(settled.workspace).toBe(allowed.workspace);
        else if (runs.some(({ mode, passed }) => passed && mode.workspace === 'readonly'))
          expect(settled.workspace).toBe('readonly');
      }),
    );
  });
});
