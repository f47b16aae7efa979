import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settledWorkspace, type Workspace, type WorkspaceRun } from '../../../domain/protection/workspace.ts';

/** The runs of a base that behaves so, until one passes in the settled view; three at most. */
function tried(
  allowed: Workspace | 'auto',
  run: (workspace: Workspace, nth: number) => Omit<WorkspaceRun, 'workspace'>,
) {
  const runs: WorkspaceRun[] = [];
  while (runs.length < 3) {
    const workspace = settledWorkspace(runs, allowed);
    runs.push({ workspace, ...run(workspace, runs.length) });
    const settled = settledWorkspace(runs, allowed);
    if (runs.some((one) => one.passed && one.workspace === settled)) return { runs, settled };
  }
  return { runs, settled: null };
}

describe('the view of the tree in which a base is judged', () => {
  it('is the strictest where the first run passes', () => {
    const found = tried('auto', () => ({ passed: true, blamesTree: false }));
    expect(found.settled).toBe('readonly');
    expect(found.runs).toHaveLength(1);
  });

  it('stays the strictest where one unlucky run fails', () => {
    expect(tried('auto', (_, nth) => ({ passed: nth === 1, blamesTree: false })).settled).toBe('readonly');
  });

  it('is a copy at once where the failure speaks of a read-only tree, and after two failures that do not', () => {
    const views = (blamesTree: boolean) =>
      tried('auto', (workspace) => ({ passed: workspace === 'copy', blamesTree })).runs.map((run) => run.workspace);
    expect(views(true)).toEqual(['readonly', 'copy']);
    expect(views(false)).toEqual(['readonly', 'readonly', 'copy']);
  });

  it('is as allowed, and never gives up a read-only tree after a run that passed in it', () => {
    const run = fc.record({ passed: fc.boolean(), blamesTree: fc.boolean() });
    const allowed = fc.constantFrom('auto', 'readonly', 'copy');
    fc.assert(
      fc.property(allowed, fc.array(run, { minLength: 3, maxLength: 3 }), (allowed, outcomes) => {
        const { settled, runs } = tried(allowed, (_, nth) => outcomes[nth]!);
        if (!settled) return;
        if (allowed !== 'auto') expect(settled).toBe(allowed);
        else if (runs.some(({ workspace, passed }) => passed && workspace === 'readonly'))
          expect(settled).toBe('readonly');
      }),
    );
  });
});
