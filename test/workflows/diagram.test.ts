import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { machineDiagram } from '../../client/diagram.ts';

it('docs/machine.mmd shows the machine as it is (if not: npx tsx client/diagram.ts)', () => {
  expect(readFileSync(new URL('../../docs/machine.mmd', import.meta.url), 'utf8')).toBe(machineDiagram());
});

it('the diagram has every state once as a source or an end, and tells which events need a repair left', () => {
  const diagram = machineDiagram();
  for (const state of ['collect', 'analyze', 'hypothesize', 'apply', 'test', 'benchmark', 'commit', 'rollback'])
    expect(diagram).toContain(`\n  ${state} --> `);
  for (const state of ['committed', 'rolledBack', 'failed']) expect(diagram).toContain(`\n  ${state} --> [*]\n`);
  expect(diagram).toContain('\n  test --> hypothesize: tests-failed [repairs left]\n');
});
