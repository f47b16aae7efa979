import { z } from 'zod';
import { adoptionSteps, type SelfEvidence } from './adoption.ts';

/** A promotion, a withdrawal or a return: what a commit of the chain says. */
export interface Link {
  outcome: 'adopted' | 'withdrawn' | 'returned';
  reason: string;
  /** Message of the commit. */
  message: string;
  /** Path and content of the one file that it adds. */
  file: { path: string; content: string };
}

/** Makes a link of the chain of selves of its evidence, and of nothing else. */
export function linkOf(evidence: SelfEvidence): Link {
  const { outcome, reason } = settle(evidence);
  const { adoption, commit, judge, endedAt } = evidence;
  const subject = { adopted: 'Adopt', withdrawn: 'Withdraw', returned: 'Return to' }[outcome];
  const trailers = [`Commit: ${commit}`, `Judge: ${judge}`, `Adoption: ${adoption}`, `Ended: ${endedAt}`];
  return {
    outcome,
    reason,
    message: `${subject} ${commit.slice(0, 12)}\n\n${reason}\n\n${trailers.join('\n')}\n`,
    file: { path: pathOf(adoption), content: `${JSON.stringify(evidence, null, 2)}\n` },
  };
}

const evidenceSchema = z.object({
  // Part of a path, and of what git is told.
  adoption: z.string().regex(/^[\w-]+$/),
  commit: z.string(),
  judge: z.string(),
  findings: z.array(z.object({ step: z.enum(adoptionSteps), passed: z.boolean(), text: z.string() })),
  returned: z.string().nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
});

/** Reads an adoption's evidence, which anybody may have written; null where it is none. As it was written, whatever its order. */
export function parseEvidence(json: string, adoption: string): SelfEvidence | null {
  try {
    const found = JSON.parse(json) as SelfEvidence;
    return evidenceSchema.safeParse(found).success && found.adoption === adoption ? found : null;
  } catch {
    return null;
  }
}

/** Place of an adoption's evidence in the chain's tree. */
export function pathOf(adoption: string): string {
  return `selves/${adoption}.json`;
}

/** Only all steps, in their order and each passed, adopt. */
function settle({ findings, returned }: SelfEvidence): Pick<Link, 'outcome' | 'reason'> {
  if (returned !== null) return { outcome: 'returned', reason: returned };
  const failed = findings.find(({ passed }) => !passed);
  if (failed) return { outcome: 'withdrawn', reason: `${failed.step}: ${failed.text}` };
  const missing = adoptionSteps.find((step, index) => findings[index]?.step !== step);
  if (missing !== undefined) return { outcome: 'withdrawn', reason: `${missing}: was not done` };
  return { outcome: 'adopted', reason: 'all steps passed' };
}
