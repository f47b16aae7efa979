import fc from 'fast-check';
import { expect, it } from 'vitest';
import { adoptionSteps, type Finding, type SelfEvidence } from '../../../domain/adoption/adoption.ts';
import { linkOf } from '../../../domain/adoption/chain.ts';

const passed: Finding[] = adoptionSteps.map((step) => ({ step, passed: true, text: 'fine' }));
const evidence: SelfEvidence = {
  ...{ adoption: 'run-1', commit: 'c'.repeat(40), judge: 'a'.repeat(40), findings: passed, returned: null },
  ...{ startedAt: '2026-01-02T03:04:05.000Z', endedAt: '2026-01-02T04:04:05.000Z' },
};

it('adopts by all steps, each passed and in order, and by nothing less', () => {
  expect(linkOf(evidence)).toMatchObject({ outcome: 'adopted', file: { path: 'selves/run-1.json' } });
  fc.assert(
    fc.property(fc.subarray(passed), fc.array(fc.boolean(), { minLength: passed.length }), (some, results) => {
      const findings = some.map((finding, index) => ({ ...finding, passed: results[index]! }));
      const isWhole = findings.length === passed.length && findings.every((finding) => finding.passed);
      expect(linkOf({ ...evidence, findings }).outcome).toBe(isWhole ? 'adopted' : 'withdrawn');
    }),
  );
  expect(linkOf({ ...evidence, findings: [...passed].reverse() }).outcome).toBe('withdrawn');
});

it('says who judged what, and why', () => {
  const findings = [...passed.slice(0, 3), { step: 'examine', passed: false, text: 'the suite fails' } as const];
  expect(linkOf({ ...evidence, findings }).message).toBe(`Withdraw cccccccccccc

examine: the suite fails

Commit: ${'c'.repeat(40)}
Judge: ${'a'.repeat(40)}
Adoption: run-1
Ended: 2026-01-02T04:04:05.000Z
`);
  expect(linkOf({ ...evidence, returned: 'a person went back' })).toMatchObject({ outcome: 'returned' });
});
