import { canBeGiven, opaquePart } from './canonical.ts';
import {
  keyOf,
  maxRecorded,
  type Answer,
  type BaseCalls,
  type Canonical,
  type FunctionName,
  type ReplayCall,
} from './contract.ts';
import { noConstants, type Constants } from './constants.ts';
import { few, vary } from './vary.ts';

/** Made-up calls of one function that was edited, and of one that was not. */
const maxVaried = { edited: 12 * maxRecorded, other: 2 * maxRecorded };
/** Calls of all functions; with more functions each gets fewer. */
const maxCalls = 2_400;
/** Calls of one function as JSON, in characters: those of large inputs are fewer, since to make them up takes long. */
const maxChars = { edited: 512 * 1024, other: 32 * 1024 };
/** Share of them that a function of an unchanged module gets: it may call one that was edited. */
const unchangedShare = 0.25;

export interface PlannedCall extends ReplayCall {
  isVaried: boolean;
}

/**
 * Makes the calls by which two versions are compared, function by function: whoever must not be held up pauses between.
 * @param seed drawn after the candidate was fixed
 */
export function* planCalls(
  recorded: Pick<BaseCalls, 'tests' | 'benchmark'>,
  { edited, constants }: { edited: readonly FunctionName[]; constants?: ReadonlyMap<string, Constants> },
  seed: number,
): Generator<PlannedCall[]> {
  const editedKeys = new Set(edited.map(keyOf));
  const changed = new Set(edited.map(({ file }) => file));
  const seen = new Map<string, { at: FunctionName; tests: Canonical[][]; benchmark: Canonical[][] }>();
  for (const by of ['tests', 'benchmark'] as const)
    for (const one of recorded[by]) {
      if (!('arguments' in one) || !one.arguments.every(canBeGiven)) continue;
      const { file, name } = one;
      const known = seen.get(keyOf(one)) ?? { at: { file, name }, tests: [], benchmark: [] };
      known[by].push(one.arguments);
      seen.set(keyOf(one), known);
    }
  const most = Math.min(1, maxCalls / Math.max(1, seen.size * (maxRecorded + maxVaried.other)));
  // A run of the base may end before its last call.
  const rank = ({ at }: { at: FunctionName }) => (editedKeys.has(keyOf(at)) ? 0 : changed.has(at.file) ? 1 : 2);
  const ordered = [...seen.values()].sort((one, other) => rank(one) - rank(other));
  let id = 0;
  for (const [index, { at, tests, benchmark }] of ordered.entries()) {
    // Half of them, where there are so many: its inputs are long, those of tests are short.
    const measured = few(benchmark, Math.max(maxRecorded / 2, maxRecorded - tests.length));
    const calls = [...few(tests, maxRecorded - measured.length), ...measured];
    const isEdited = editedKeys.has(keyOf(at));
    const share = Math.min(most, changed.has(at.file) ? 1 : unchangedShare);
    const kind = isEdited ? 'edited' : 'other';
    const room = Math.max(1, Math.floor(maxChars[kind] / meanLength(calls)));
    const taken = few(calls, Math.min(room, Math.ceil(maxRecorded * share)));
    const count = Math.min(room, Math.ceil(share * maxVaried[kind]));
    const known = constants?.get(keyOf(at)) ?? noConstants;
    const varied = vary(few(calls, room), { seed: seed + index, count, isEdited, constants: known });
    const texts = new Set<string>();
    yield [...taken, ...varied].flatMap((args, nth) => {
      const text = JSON.stringify(args);
      if (texts.has(text)) return [];
      texts.add(text);
      return [{ ...at, arguments: args, isVaried: nth >= taken.length, id: id++ }];
    });
  }
}

function meanLength(calls: readonly Canonical[][]): number {
  return JSON.stringify(calls).length / Math.max(1, calls.length);
}

/** Tells why a call of the base says nothing of another version; null where it does. */
export function uselessness({ isVaried }: PlannedCall, answer: Answer | undefined): string | null {
  if (!answer) return 'ends the process';
  const { end, after } = answer;
  if (end.kind === 'late') return 'takes too long';
  if (end.kind === 'unreachable') return end.why;
  // Inputs that nobody meant: the language itself stumbled over them.
  if (end.kind === 'threw' && end.isAccident && isVaried) return 'takes no such input';
  const opaque = opaquePart([end.kind === 'returned' ? end.value : null, after ?? null]);
  return opaque === null ? null : `gives no plain data (${opaque})`;
}
