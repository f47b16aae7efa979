import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkDrill, type Finding } from '../drill/check/check.ts';
import { runDrill, type DrillOutcome } from '../drill/drill.ts';
import type { Kill, Step, Victim } from '../drill/points.ts';
import type { PlannedLoop } from '../drill/plan.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';

/** Every step, every moment of a step, every victim: in set-up, between git's objects, its refs and the ledger, in a pair, in a model's answer, between two runs. */
const plan: PlannedLoop[] = [
  loop('drill-exact', 'exact', 2, [
    ['prepare', 'git update-ref after', 'worker'],
    ['collect', 'before', 'worker'],
    ['analyze', 'after', 'server'],
    ['benchmark', 'pair 1', 'all'],
    ['commit', 'git commit-tree after', 'worker'],
  ]),
  loop('drill-model', 'model', 2, [
    ['hypothesize', 'answer', 'worker'],
    ['hypothesize', 'answer', 'model'],
    ['apply', 'during', 'group'],
    ['commit', 'git update-ref after', 'worker'],
  ]),
  loop('drill-screened', 'screened', 1, [
    ['screen', 'during', 'worker'],
    ['screen', 'during', 'group'],
    ['screen', 'after', 'worker'],
  ]),
  loop('drill-carried', 'carried', 4, [
    ['commit', 'git update-ref torn', 'worker'],
    ['test', 'during', 'worker'],
    // The second iteration's last step: the loop is about to continue as new.
    ['rollback', 'reported', 'worker'],
    ['finish', 'after', 'worker'],
  ]),
];

describeWithServer('the crash drill in its short form', () => {
  let outcome: DrillOutcome;
  let finding: Finding;

  beforeAll(async () => {
    outcome = await runDrill({ plan, lanes: 3, perLane: 1 });
    finding = await checkDrill(outcome);
  });
  afterAll(() => outcome.end());

  it('strikes every kill of its plan once', () => {
    expect(outcome.unstruck).toEqual([]);
    expect(outcome.struck).toHaveLength(plan.flatMap(({ kills }) => kills).length);
    expect(outcome.serverKills).toHaveLength(2);
  });

  it('finds every loop ended, every iteration recorded once and nothing done twice', () => {
    expect(finding.violations).toEqual([]);
    expect(finding.records).toBe(9);
  });

  it('loses no result: the same iterations are committed and rolled back as without a kill', () => {
    const results = outcome.loops.map(({ loopId, result }) => [
      loopId,
      result?.committed,
      result?.rolledBack,
      result?.failed,
    ]);
    expect(results.sort()).toEqual([
      ['drill-carried', 2, 2, 0],
      ['drill-exact', 1, 1, 0],
      ['drill-model', 1, 1, 0],
      ['drill-screened', 1, 0, 0],
    ]);
  });
});

function loop(
  loopId: string,
  kind: PlannedLoop['kind'],
  iterations: number,
  kills: [step: Step, at: string, victim: Victim][],
): PlannedLoop {
  const once = (step: Step) => step === 'prepare' || step === 'finish';
  const toKill = ([step, at, victim]: (typeof kills)[number], index: number): Kill => ({
    id: `${loopId}-${index + 1}`,
    loopId,
    step,
    at,
    victim,
    iteration: once(step) ? 0 : 1,
    delayMs: 20,
  });
  return { loopId, kind, iterations, kills: kills.map(toKill) };
}
