import { treeMount } from '../names.ts';
import type { Hotspot } from '../steps.ts';
import { toLine } from '../text.ts';

/** The part of V8's .cpuprofile format that is read: a call tree, and the node seen by each sample. Times in microseconds. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; hitCount?: number }[];
  samples?: number[];
  timeDeltas?: number[];
}

/** Mount point of the repository in the sandbox, as it stands in a profile's URLs. */
const root = `file://${treeMount}/`;

/**
 * Returns the editable files' hottest functions over all profiles, by self time. Shares are of the busy time. Profiles
 * in another format are skipped.
 */
export function hottest(profiles: readonly unknown[], isEditable: (path: string) => boolean, count = 8): Hotspot[] {
  const selfTime = new Map<string, { hotspot: Hotspot; time: number }>();
  let total = 0;
  for (const profile of profiles.filter(isCpuProfile)) {
    const times = timesByNode(profile);
    for (const { id, callFrame } of profile.nodes.filter(isNode)) {
      const time = times.get(id) ?? 0;
      if (callFrame.functionName === '(idle)') continue;
      total += time;
      const file = callFrame.url.startsWith(root) ? decode(callFrame.url.slice(root.length)) : null;
      if (file === null || time === 0 || !isEditable(file)) continue;
      const line = callFrame.lineNumber + 1;
      const key = `${file}:${line}:${callFrame.functionName}`;
      const entry = selfTime.get(key) ?? {
        hotspot: { file, name: toLine(callFrame.functionName, 100) || null, line, share: 0 },
        time: 0,
      };
      entry.time += time;
      selfTime.set(key, entry);
    }
  }
  const sorted = [...selfTime.values()].sort((a, b) => b.time - a.time).slice(0, count);
  return sorted.map(({ hotspot, time }) => ({ ...hotspot, share: Math.round((time / total) * 1000) / 1000 }));
}

function isCpuProfile(value: unknown): value is CpuProfile {
  if (typeof value !== 'object' || value === null || !Array.isArray((value as CpuProfile).nodes)) return false;
  const { samples, timeDeltas } = value as Partial<CpuProfile>;
  return [samples, timeDeltas].every(
    (list) => list === undefined || (Array.isArray(list) && list.every(Number.isFinite)),
  );
}

/** The program itself may have written the file, so that anything may stand there. */
function isNode(value: unknown): value is CpuProfile['nodes'][number] {
  const { id, callFrame } = (value ?? {}) as Partial<CpuProfile['nodes'][number]>;
  return (
    typeof id === 'number' &&
    typeof callFrame?.functionName === 'string' &&
    typeof callFrame.url === 'string' &&
    Number.isInteger(callFrame.lineNumber)
  );
}

function timesByNode({ nodes, samples, timeDeltas }: CpuProfile): Map<number, number> {
  const times = new Map<number, number>();
  if (!samples || !timeDeltas) {
    for (const { id, hitCount } of nodes.filter(isNode)) times.set(id, typeof hitCount === 'number' ? hitCount : 0);
    return times;
  }
  samples.forEach((id, index) => times.set(id, (times.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0)));
  return times;
}

function decode(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
