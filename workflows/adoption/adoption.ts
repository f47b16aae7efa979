import { CancellationScope, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type {
  AdoptionAnswer,
  AdoptionRef,
  AdoptionResult,
  AdoptionSteps,
  SettleInput,
} from '../../domain/adoption/adoption.ts';
import { adoptionOptions } from '../activity-options.ts';
import { failureText } from '../failure-text.ts';
import { adoptionStatusQuery } from '../messages.ts';
import { advance, begin, type AdoptionActivity, type AdoptionEvent } from './machine.ts';

/** Believed only where the order lies in the worker's data directory. */
type AdoptionInput = Pick<AdoptionRef, 'repository' | 'commit'>;

/**
 * Makes a commit of this product the build that the worker runs, or withdraws it, as a cancel does.
 * @throws ActivityFailure if the withdrawal fails
 */
export async function karpathyAdoption({ repository, commit }: AdoptionInput): Promise<AdoptionResult> {
  const ref: AdoptionRef = { adoption: workflowInfo().runId, repository, commit };
  const startedAt = workflowInfo().startTime.toISOString();
  let { snapshot, step } = begin();
  setHandler(adoptionStatusQuery, () => ({ commit, state: snapshot.value, findings: snapshot.context.findings }));
  while (step !== null) {
    setCurrentDetails(`${step} of ${commit.slice(0, 12)}`);
    const { findings } = snapshot.context;
    const endedAt = new Date(Date.now()).toISOString();
    ({ snapshot, step } = advance(snapshot, await outcomeOf(step, { ...ref, findings, startedAt, endedAt })));
  }
  const { findings } = snapshot.context;
  const outcome = snapshot.value === 'adopted' ? 'adopted' : 'withdrawn';
  const last = findings.at(-1)!;
  return { commit, outcome, reason: `${last.step}: ${last.text}`, findings };
}

/** Runs one step. A failure of any kind withdraws, but in the withdrawal itself. */
async function outcomeOf(step: AdoptionActivity, input: SettleInput): Promise<AdoptionEvent> {
  const isClosing = step === 'adopt' || step === 'withdraw';
  const activities = proxyActivities<AdoptionSteps>(adoptionOptions(step, `${step} ${input.commit.slice(0, 12)}`));
  const { adoption, repository, commit } = input;
  const call = async (): Promise<AdoptionAnswer> =>
    isClosing ? activities[step](input) : activities[step]({ adoption, repository, commit });
  try {
    const answer = await (isClosing ? CancellationScope.nonCancellable(call) : call());
    return answer.kind === 'passed' ? { type: 'passed', text: answer.facts } : { type: 'failed', text: answer.detail };
  } catch (error) {
    if (step === 'withdraw') throw error;
    const isCancelled = CancellationScope.current().consideredCancelled;
    return { type: 'failed', text: isCancelled ? 'was cancelled' : failureText(error) };
  }
}
