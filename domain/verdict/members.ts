import type { PrintedTime } from '../benchmark/printed.ts';
import type { Objection } from '../ledger/record.ts';
import { toLine } from '../text.ts';
import type { Pair } from './decision.ts';
import { gain, percent } from './gain.ts';
import type { MeasuredPair } from './pair.ts';
import { judgeSide, type SidePolicy } from './side-metric.ts';

/** Puts the times of a suite's members side by side; a problem where the sides ran other ones. */
export function pairMembers(
  champion: readonly PrintedTime[],
  candidate: readonly PrintedTime[],
): { problem: string } | Pick<MeasuredPair, 'members'> {
  const [one, other] = [champion, candidate].map((times) => new Map(times.map(({ name, ns }) => [name, ns])));
  const odd = [...one!.keys(), ...other!.keys()].find((name) => !one!.has(name) || !other!.has(name));
  if (odd !== undefined) {
    const side = one!.has(odd) ? 'champion' : 'candidate';
    return {
      problem: `${toLine(odd, 100)} ran on the side of the ${side} alone; leave the list of benchmarks as it is`,
    };
  }
  if (champion.length < 2) return {};
  return {
    members: Object.fromEntries([...one!].map(([name, ns]): [string, Pair] => [name, [ns, other!.get(name)!]])),
  };
}

/** Objects to a gain of the mean that a member pays for: one that is proved to be worse than is allowed. */
export function memberObjection(
  pairs: readonly MeasuredPair[],
  policy: Pick<SidePolicy, 'noise' | 'worstAllowed'>,
): Objection | null {
  for (const name of Object.keys(pairs[0]?.members ?? {})) {
    const samples = pairs.flatMap(({ members }) => (members?.[name] ? [members[name]] : []));
    const { verdict, estimate, pairs: used } = judgeSide(samples, { better: 'lower', ...policy });
    if (verdict !== 'worse') continue;
    const change = `${gain(estimate, { better: 'lower' })} by the median of ${used} pairs`;
    const allowed = `at most ${percent(policy.worstAllowed)} worse is allowed`;
    return { reason: 'side-metric-worse', detail: `benchmark.floor: ${toLine(name, 100)}: ${change}; ${allowed}` };
  }
  return null;
}
