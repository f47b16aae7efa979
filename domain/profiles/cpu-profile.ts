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
  const calls = callsOf(data, mapBack);
  for (const { id, callFrame } of data.nodes) {
    const time = times.get(id) ?? 0;
    if (time <= 0 || callFrame.functionName === '(idle)') continue;
    const stack: Frame[] = [];
    for (let at = calls.get(id); at && stack.length < maxDepth; at = at.caller) stack.push(at.frame);
    tally.addStack(stack, time / 1e6);
  }
  return true;
}

interface Call {
  frame: Frame;
  caller: Call | undefined;
}

/** Links each node to its caller, since stacks are walked far more often than nodes are read. */
function callsOf({ nodes }: z.infer<typeof cpuProfile>, mapBack: MapBack): Map<number, Call> {
  const calls = new Map(
    nodes.map(({ id, callFrame }): [number, Call] => [id, { frame: frameOf(callFrame, mapBack), caller: undefined }]),
  );
  for (const { id, children } of nodes)
    for (const child of children) {
      const called = calls.get(child);
      if (called) called.caller = calls.get(id);
    }
  return calls;
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
