import type { DoctorAnswer, Finding } from '../checks.ts';
import type { LoopConfig } from '../config/loop-config.ts';
import { percent } from '../verdict/gain.ts';
import { unitKind } from '../verdict/reading/unit.ts';
import { outsideShare } from './findings.ts';

const maxNamed = 3;
const leastMeasured = 0.1;

/**
 * Tells what share of a run's time edits can save, and where it is. A failure where saving all of it would not reach
 * the bar.
 */
export function profileFindings({ profile, benchmark: facts }: DoctorAnswer, config: LoopConfig): Finding[] {
  const subject = 'profile';
  if (!profile) return [];
  const { editable, hotspots, doubt } = profile;
  if (editable === null || editable === undefined)
    return doubt === null ? [] : [{ subject, state: 'warning', fact: doubt.replace('profile: ', ''), remedy: null }];
  const { benchmark, minImprovement } = config;
  const named = hotspots.slice(0, maxNamed).map(({ name, file, total, share }) => {
    const part = total ?? share;
    return `${name ?? file}${name ? ` (${file})` : ''}${part === null ? '' : ` ${percent(part, 0)}`}`;
  });
  const where = named.length > 0 ? `: ${named.join(', ')}` : '';
  const fact = `${percent(editable, editable < 0.1 ? 1 : 0)} of the benchmark's time is in editable files and what they call${where}`;
  const isTime = unitKind(benchmark.unit).kind !== 'other' && benchmark.noise === 'measured';
  // Of a run the metric may be a small part.
  const measured = 1 - (outsideShare(facts, benchmark)?.share ?? 0);
  // Of a run that hardly measures anything, samples tell nothing.
  if (!isTime || measured < leastMeasured || editable >= minImprovement * measured)
    return [{ subject, state: 'ok', fact, remedy: null }];
  const bar = `a commit needs ${percent(minImprovement, 0)}`;
  const remedy =
    'let "editable" name the files whose functions the benchmark spends its time in, or the benchmark call what is editable; if the profiler cannot see it (compiled, or another process), set "profile": "none"';
  return [{ subject, state: 'failure', fact: `${fact}, and ${bar}`, remedy }];
}
