import { z } from 'zod';
import { wholeModule, type Frame } from './locate.ts';
import type { Tally } from './tally.ts';

const node = z.object({
  id: z.number(),
  callFrame: z.object({
    functionName: z.string(),
    url: z.string(),
    lineNumber: z.int(),
    columnNumber: z.int().catch(0),
  }),
  hitCount: z.number().catch(0),
  children: z.array(z.number()).catch([]),
});

/** The part of V8's .cpuprofile format that is read, in microseconds. */
const cpuProfile = z.object({
  nodes: z.array(node.nullable().catch(null)).transform((nodes) => nodes.filter((one) => one !== null)),
  samples: z.array(z.number()).optional(),
  timeDeltas: z.array(z.number()).optional(),
});

/** Finds where a place in a script was written; null where the script is as it was written. */
export type MapBack = (url: string, place: { line: number; column: number }) => { path: string; line: number } | null;

const maxDepth = 2_000;

/** Adds a profile of V8, idle time left out, in seconds. False: it is none. */
export function addCpuProfile(tally: Tally, profile: unknown, mapBack: MapBack): boolean {
  const { data } = cpuProfile.safeParse(profile);
  if (!data) return false;
  const times = timesByNode(data);
  const parents = new Map(data.nodes.flatMap(({ id, children }) => children.map((child) => [child, id] as const)));
  const frames = new Map(data.nodes.map(({ id, callFrame }) => [id, frameOf(callFrame, mapBack)]));
  for (const { id, callFrame } of data.nodes) {
    const time = times.get(id) ?? 0;
    if (time <= 0 || callFrame.functionName === '(idle)') continue;
    const stack: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined && stack.length < maxDepth; at = parents.get(at)) {
      const frame = frames.get(at);
      if (frame) stack.push(frame);
    }
    tally.addStack(stack, time / 1e6);
  }
  return true;
}

function frameOf(
  { functionName: name, url, lineNumber, columnNumber }: z.infer<typeof node>['callFrame'],
  mapBack: MapBack,
): Frame {
  const written = mapBack(url, { line: lineNumber + 1, column: columnNumber });
  if (name === '' && lineNumber === 0 && columnNumber === 0) return { name: wholeModule, path: url, line: 1 };
  return { name, ...(written ?? { path: url, line: lineNumber + 1 }) };
}

function timesByNode({ nodes, samples, timeDeltas }: z.infer<typeof cpuProfile>): Map<number, number> {
  if (!samples || !timeDeltas) return new Map(nodes.map(({ id, hitCount }) => [id, hitCount]));
  const times = new Map<number, number>();
  samples.forEach((id, index) => times.set(id, (times.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0)));
  return times;
}
