import { addCpuProfile } from '../../domain/profiles/cpu-profile.ts';
import { createLocate } from '../../domain/profiles/locate.ts';
import { nameSpots } from '../../domain/profiles/name-spots.ts';
import { createTally } from '../../domain/profiles/tally.ts';
import { pick } from './made-up.ts';
import type { Part } from './parts.ts';

/** Reads a CPU profile of a program with some hundred functions, and names its hotspots. */
export function profiles(random: () => number): Part {
  const profile = madeUpProfile(random, { functions: 400, nodes: 12_000, samples: 20_000 });
  const run = () => {
    const tally = createTally(createLocate((path) => path.startsWith('src/')));
    addCpuProfile(tally, profile, () => null);
    return [nameSpots(tally.reading(), new Map())];
  };
  return { repeats: 20, run };
}

/** A call tree as V8 writes it: each node hangs below an earlier one, most below a near one, so that stacks are deep. */
function madeUpProfile(random: () => number, { functions, nodes, samples }: Record<string, number>) {
  const frames = Array.from({ length: functions! }, (_, index) => ({
    functionName: `work${index}`,
    scriptId: '1',
    url: `file:///repo/${index % 3 === 0 ? 'node_modules/library' : 'src'}/part${index % 40}.js`,
    lineNumber: 10 * index,
    columnNumber: 4,
  }));
  const tree = Array.from({ length: nodes! }, (_, index) => ({
    ...{ id: index + 1, callFrame: pick(random, frames), hitCount: 0, children: [] as number[] },
  }));
  for (let index = 1; index < tree.length; index++)
    tree[Math.max(0, index - 1 - Math.floor(random() ** 2 * 900))]!.children.push(index + 1);
  return {
    nodes: tree,
    samples: Array.from({ length: samples! }, () => 1 + Math.floor(random() * nodes!)),
    timeDeltas: Array.from({ length: samples! }, () => 900 + Math.floor(random() * 200)),
  };
}
