import type { AdoptionAnswer, AdoptionRef, AdoptionSteps, SettleInput } from '../../../domain/adoption/adoption.ts';
import { untilCancelled } from '../server/scripted-steps.ts';

type Script = Partial<Record<keyof AdoptionSteps, AdoptionAnswer | Error | 'until cancelled'>>;

/** Steps of an adoption that answer at once; all that the script does not name pass. */
export function scriptedAdoption(
  script: Script = {},
  began: (name: keyof AdoptionSteps, input: AdoptionRef | SettleInput) => void = () => undefined,
): AdoptionSteps {
  const step = (name: keyof AdoptionSteps) => async (input: AdoptionRef | SettleInput) => {
    began(name, input);
    const answer = script[name] ?? { kind: 'passed', facts: 'fine' };
    if (answer === 'until cancelled') return untilCancelled();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    inspect: step('inspect'),
    build: step('build'),
    rehearse: step('rehearse'),
    shadow: step('shadow'),
    examine: step('examine'),
    promote: step('promote'),
    accompany: step('accompany'),
    adopt: step('adopt'),
    withdraw: step('withdraw'),
  };
}
