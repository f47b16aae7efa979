import { expect, it } from 'vitest';
import { machineDiagram } from '../../scripts/machine-diagram.ts';
import { stepNames } from '../support/step-names.ts';

it('the diagram has every state once as a source or an end, and tells which events need a repair left', () => {
  const diagram = machineDiagram();
  for (const state of stepNames) expect(diagram).toContain(`\n  ${state} --> `);
  for (const state of ['committed', 'rolledBack', 'failed']) expect(diagram).toContain(`\n  ${state} --> [*]\n`);
  expect(diagram).toContain('\n  test --> hypothesize: tests-failed [repairs left]\n');
});
