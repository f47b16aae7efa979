/** An adoption: a commit of this product becomes the build that its worker runs. */

/** Steps that must all pass, in order; `promote` lets the build work, on trial. */
export const adoptionSteps = ['inspect', 'build', 'rehearse', 'shadow', 'examine', 'promote', 'accompany'] as const;
export type AdoptionStep = (typeof adoptionSteps)[number];

/** Names an adoption: enough for each of its steps. */
export interface AdoptionRef {
  /** Id of the workflow's run. */
  adoption: string;
  /** Path of the repository that has the commit. */
  repository: string;
  commit: string;
}

/** `facts`: one line for people, kept as evidence. */
export type AdoptionAnswer = { kind: 'passed'; facts: string } | { kind: 'failed'; detail: string };

/** One step's result. */
export interface Finding {
  step: AdoptionStep;
  passed: boolean;
  /** Facts, or why it failed. */
  text: string;
}

/** All that a link of the chain of selves is made of. */
export interface SelfEvidence {
  adoption: string;
  commit: string;
  /** The build that judged, by its commit: the one that ran before. */
  judge: string;
  findings: readonly Finding[];
  /** Set where a person went back to `commit`, or the keeper of a worker that ended again and again. */
  returned: string | null;
  startedAt: string;
  /** ISO 8601 */
  endedAt: string;
}

/** The input of a last step: the evidence without what the worker adds. */
export type SettleInput = AdoptionRef & Pick<SelfEvidence, 'findings' | 'startedAt' | 'endedAt'>;

/** The activities by name. */
export interface AdoptionSteps {
  inspect(input: AdoptionRef): Promise<AdoptionAnswer>;
  build(input: AdoptionRef): Promise<AdoptionAnswer>;
  rehearse(input: AdoptionRef): Promise<AdoptionAnswer>;
  shadow(input: AdoptionRef): Promise<AdoptionAnswer>;
  examine(input: AdoptionRef): Promise<AdoptionAnswer>;
  promote(input: AdoptionRef): Promise<AdoptionAnswer>;
  accompany(input: AdoptionRef): Promise<AdoptionAnswer>;
  /** Ends the trial, or says why it has ended already. */
  adopt(input: SettleInput): Promise<AdoptionAnswer>;
  /** Lets the build before work again. */
  withdraw(input: SettleInput): Promise<AdoptionAnswer>;
}

/** How far an order is carried out, as the worker itself has seen it. */
export interface AdoptionProgress {
  adoption: string;
  passed: readonly (keyof AdoptionSteps)[];
}

/** Tells whether a step is due: after all before it, of the one adoption that an order is for, and before its end. */
export function isDue(progress: AdoptionProgress | null, adoption: string, step: keyof AdoptionSteps): boolean {
  if (progress && progress.adoption !== adoption) return false;
  const passed = progress?.passed ?? [];
  if (step === 'withdraw') return true;
  if (step === 'adopt') return adoptionSteps.every((one) => passed.includes(one));
  const isOver = passed.some((one) => one === 'adopt' || one === 'withdraw');
  return !isOver && adoptionSteps.slice(0, adoptionSteps.indexOf(step)).every((one) => passed.includes(one));
}

/** Result of an adoption's workflow. */
export interface AdoptionResult {
  commit: string;
  outcome: 'adopted' | 'withdrawn';
  /** Why it was withdrawn; what speaks for it else. */
  reason: string;
  findings: readonly Finding[];
}
