import type { Frame, Locate, Located } from './locate.ts';

/** Time in an editable function, in a profile's own unit. */
export interface Spot extends Located {
  self: number;
  /** With what it calls; 0 where nothing tells. */
  total: number;
  /** Self time, and that of code outside of editable files that it calls. */
  charged: number;
  calls: number;
}

export interface ProfileReading {
  /** Most charged first. */
  spots: Spot[];
  /** Time of all code, waiting left out. */
  busy: number;
  /** Most time outside of editable files that no editable function called for; null where there is none. */
  outside: { name: string; time: number } | null;
}

/** A function of a profile that tells callers and callees, but no stacks. */
export interface CountedFunction {
  frame: Frame;
  self: number;
  total: number;
  calls: number;
  /** Self time by place, where the profiler tells. */
  places?: { frame: Frame; self: number }[];
}

/** Calls of one function by another, by their place in a list of functions. */
export interface Edge {
  from: number;
  to: number;
  /** Time of the called, in these calls. */
  time: number;
}

export type Tally = ReturnType<typeof createTally>;

/** Functions that are told. */
const maxSpots = 400;
/** A deeper stack is a hostile one, or a recursion whose end tells all. */
const maxDepth = 2_000;

/** Adds up profiles of one unit. */
export function createTally(locate: Locate) {
  const { spotOf, spots } = createSpots(locate);
  const outside = new Map<string, number>();
  let busy = 0;

  function addOutside(frame: Frame, time: number): void {
    const name = `${frame.name || 'code without a name'}${frame.path ? ` (${frame.path.replace(/^.*\//, '')})` : ''}`;
    outside.set(name, (outside.get(name) ?? 0) + time);
  }

  /** @param frames of a stack, the running function first */
  function addStack(frames: readonly Frame[], time: number): void {
    busy += time;
    const on = frames.slice(0, maxDepth).map(spotOf);
    const nearest = on.find((spot) => spot !== null);
    if (on[0]) on[0].self += time;
    if (nearest) nearest.charged += time;
    else if (frames[0]) addOutside(frames[0], time);
    for (const spot of new Set(on)) if (spot) spot.total += time;
  }

  function addGraph(functions: readonly CountedFunction[], edges: readonly Edge[]): void {
    const own = functions.map(({ frame }) => spotOf(frame));
    const loose = functions.map(({ self }) => self);
    functions.forEach(({ frame, self, total, calls, places = [{ frame, self }] }, index) => {
      busy += self;
      const spot = own[index];
      if (spot) Object.assign(spot, { total: spot.total + total, calls: spot.calls + calls });
      for (const { frame: place, self: part } of places) {
        const at = spotOf(place);
        if (!at) continue;
        Object.assign(at, { self: at.self + part, charged: at.charged + part });
        loose[index]! -= part;
      }
    });
    charge({ own, loose, edges }, (index, time) => addOutside(functions[index]!.frame, time));
  }

  function reading(): ProfileReading {
    const sorted = [...spots.values()].sort((a, b) => b.charged - a.charged || b.total - a.total);
    const [first] = [...outside].sort((a, b) => b[1] - a[1]);
    return {
      spots: sorted.slice(0, maxSpots),
      busy,
      outside: first ? { name: first[0], time: first[1] } : null,
    };
  }

  return { addStack, addGraph, reading };
}

/** Keeps one spot for each editable place. */
function createSpots(locate: Locate) {
  const spots = new Map<string, Spot>();
  const known = new Map<string, Spot | null>();
  const ofFrame = new Map<Frame, Spot | null>();
  /** Looks a frame up by itself first: stacks of one profile share their frames. */
  function spotOf(frame: Frame): Spot | null {
    const before = ofFrame.get(frame);
    if (before !== undefined) return before;
    const spot = spotAt(frame);
    ofFrame.set(frame, spot);
    return spot;
  }
  function spotAt(frame: Frame): Spot | null {
    const key = `${frame.path}\0${frame.line}\0${frame.name}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const located = locate(frame);
    const own = located && `${located.file}\0${located.line ?? ''}\0${located.name}`;
    const spot = own && (spots.get(own) ?? { ...located, self: 0, total: 0, charged: 0, calls: 0 });
    if (own && spot) spots.set(own, spot);
    known.set(key, spot || null);
    return spot || null;
  }
  return { spotOf, spots };
}

/** A chain of more calls outside of editable files is a recursion. */
const maxRounds = 50;

/** Moves the time of code outside of editable files to who called it, in proportion, until an editable function did. */
function charge(
  { own, loose, edges }: { own: readonly (Spot | null)[]; loose: readonly number[]; edges: readonly Edge[] },
  leave: (index: number, time: number) => void,
): void {
  const calls = edges.filter(({ from, to, time }) => from !== to && time > 0 && own[to] === null);
  const called = new Map<number, number>();
  for (const { to, time } of calls) called.set(to, (called.get(to) ?? 0) + time);
  let open = loose.map((time, index) => {
    const spot = own[index];
    if (spot) spot.charged += time;
    return spot ? 0 : time;
  });
  for (let round = 0; open.some((time) => time > 0); round++) {
    open.forEach((time, index) => {
      if (time > 0 && (round === maxRounds || !called.has(index))) leave(index, time);
    });
    if (round === maxRounds) return;
    const next = open.map(() => 0);
    for (const { from, to, time } of calls) {
      const part = (open[to]! * time) / called.get(to)!;
      const spot = own[from];
      if (spot) spot.charged += part;
      else next[from]! += part;
    }
    open = next;
  }
}
