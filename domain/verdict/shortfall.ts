import type { Objection } from '../ledger/record.ts';
import { bar, type RecordedVerdict } from './decision.ts';
import { gain } from './gain.ts';

/** Says of a verdict that is no acceptance what it shows: "slower" only where a loss is shown. */
export function shortfallOf(verdict: RecordedVerdict): Objection {
  const { verdict: answer, reported, pairs, noise } = verdict;
  const needed = gain(bar(verdict), verdict);
  if (reported.isLoss) return { reason: 'slower', detail: `${reported.text}; ${needed} is needed` };
  if (answer === 'contradicted')
    return { reason: 'below-bar', detail: `accepted after ${pairs} pairs, but not by fresh ones: ${reported.text}` };
  const missing = noise === 'exact' ? 'needed' : 'not proved';
  if (answer === 'rejected') return { reason: 'below-bar', detail: `${reported.text}; ${needed} is ${missing}` };
  return { reason: 'undecided', detail: `${reported.text}; neither ${needed} nor less is proved` };
}
