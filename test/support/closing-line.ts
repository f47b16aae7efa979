import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/**
 * Counts of the closing line of `npm test`; `skipped` has titles, which name the command that brings a missing part.
 */
export interface Tally {
  passed: number;
  failed: number;
  skipped: string[];
}

/** Leaves the run's tally in the file that scripts/test.mjs named; that script prints it when all else has been printed. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: string): void {
    const file = process.env['KARPATHY_LOOP_TALLY'];
    if (file) writeFileSync(file, JSON.stringify(tally(modules, errors.length, reason)));
  }
}

/**
 * Counts as one failure each: an error outside of tests, a file that did not load, a failed hook, a run that broke
 * off.
 */
export function tally(modules: readonly TestModule[], errors: number, reason: string): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const of = (state: string) => tests.filter((test) => stateOf(test) === state);
  const groups = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const failed = of('failed').length + errors + groups.filter((group) => group.errors().length > 0).length;
  return {
    passed: of('passed').length,
    failed: failed === 0 && reason === 'interrupted' ? 1 : failed,
    skipped: of('skipped').map(titleOf),
  };
}

/** A test that never came to run, because a hook before it failed, say, is no test that was skipped with intent. */
function stateOf(test: TestCase): string {
  const { state } = test.result();
  const broken = (group: TestModule | TestSuite): boolean =>
    group.errors().length > 0 || (group.type === 'suite' && broken(group.parent));
  return state === 'pending' || (state === 'skipped' && broken(test.parent)) ? 'failed' : state;
}

function titleOf(test: TestCase): string {
  return `${relative(process.cwd(), test.module.moduleId)} > ${test.fullName}`;
}
