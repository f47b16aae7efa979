import { z } from 'zod';
import { treeMount } from '../names.ts';
import type { Hotspot } from '../steps.ts';
import { toLine } from '../text.ts';

const node = z.object({
  id: z.number(),
  callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
  hitCount: z.number().catch(0),
});

/** The part of V8's .cpuprofile format that is read, in microseconds. The program itself may have forged it. */
const cpuProfile = z.object({
  nodes: z.array(node.nullable().catch(null)).transform((nodes) => nodes.filter((one) => one !== null)),
  samples: z.array(z.number()).optional(),
  timeDeltas: z.array(z.number()).optional(),
});

/** Mount point of the repository in the sandbox, as it stands in a profile's URLs. */
const root = `file://${treeMount}/`;

/** Returns the editable files' hottest functions by self time. Shares are of the busy time over all profiles. */
export function hottest(profiles: Iterable<unknown>, isEditable: (path: string) => boolean, count = 8): Hotspot[] {
  const selfTime = new Map<string, { hotspot: Hotspot; time: number }>();
  let total = 0;
  for (const one of profiles) {
    const profile = cpuProfile.safeParse(one).data;
    if (!profile) continue;
    const times = timesByNode(profile);
    for (const { id, callFrame } of profile.nodes) {
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

function timesByNode({ nodes, samples, timeDeltas }: z.infer<typeof cpuProfile>): Map<number, number> {
  if (!samples || !timeDeltas) return new Map(nodes.map(({ id, hitCount }) => [id, hitCount]));
  const times = new Map<number, number>();
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
