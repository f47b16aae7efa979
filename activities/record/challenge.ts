import type { Challenge } from '../../domain/ledger/challenge.ts';
import type { ChallengeInput } from '../../domain/steps.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { decisionPaths } from '../../store/layout.ts';
import { decisionDirectory } from '../measure/journal.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Keeps a finished challenge beside the decision's journals, for later attempts and for the commit. */
export async function writeChallenge(loop: OpenLoop, input: ChallengeInput, challenge: Challenge): Promise<void> {
  await writeAtomically(decisionPaths(decisionDirectory(loop, input)).challenge, JSON.stringify(challenge));
}

/** Returns null where this tree was not challenged against this champion. */
export async function readChallenge(loop: OpenLoop, input: ChallengeInput): Promise<Challenge | null> {
  const { challenge } = decisionPaths(decisionDirectory(loop, input));
  const found = await readJson<Challenge>(challenge);
  return found?.champion === input.champion && found.candidate === input.tree ? found : null;
}
