import { keepsAnswers } from '../../domain/config/plan.ts';
import type { Challenge } from '../../domain/ledger/challenge.ts';
import type { ChallengeAnswer, ChallengeInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { readChallenge, writeChallenge } from '../record/challenge.ts';
import { replayCheck } from '../replay/replay.ts';
import { challengeTests } from '../suites/break-edited.ts';
import { testAgain } from '../suites/judge-suite.ts';

/**
 * Checks an accepted candidate once more before its commit: its tests run again, then over what it edited, broken;
 * then what it edited is called.
 */
export async function challenge(context: StepContext, input: ChallengeInput): Promise<ChallengeAnswer> {
  const { objection } = (await readChallenge(context.loop, input)) ?? (await challengeAnew(context, input));
  return objection ? { kind: 'failed', ...objection } : { kind: 'withstood' };
}

async function challengeAnew(context: StepContext, input: ChallengeInput): Promise<Challenge> {
  const tested = await testAgain(context, input);
  const retested = tested.kind === 'passed' ? null : { reason: tested.reason, detail: tested.detail };
  const breaking = retested ? null : await challengeTests(context, input);
  const refused = retested ?? breaking?.objection ?? null;
  const keeps = keepsAnswers(context.loop.plan.config.benchmark);
  const replayed = refused ? null : await replayCheck(context, input, keeps);
  const challenge = {
    ...{ champion: input.champion, candidate: input.tree },
    objection:
      refused ?? (replayed?.kind === 'differs' ? { reason: 'behaviour-changed', detail: replayed.detail } : null),
    ...(breaking && { broken: breaking.facts }),
    ...(replayed && (keeps || replayed.coverage.edited > 0) && { replay: replayed.coverage }),
  };
  await writeChallenge(context.loop, input, challenge);
  return challenge;
}
