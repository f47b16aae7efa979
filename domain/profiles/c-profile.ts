import { z } from 'zod';
import type { Tally } from './tally.ts';

const amount = z.number().min(0);
const index = z.int().min(0);

/** What sitecustomize.py writes of cProfile's statistics, in seconds. */
const cProfile = z.object({
  /** Path, line, name. */
  frames: z.array(z.tuple([z.string(), z.int(), z.string()])),
  /** Frame, calls, time without and with what it calls. */
  functions: z.array(z.tuple([index, amount, amount, amount])),
  /** Calling and called frame, time of the called. */
  calls: z.array(z.tuple([index, index, amount])),
});

/** Built-in functions that wait, and so are not at work. */
const waits =
  /\b(?:time\.sleep|select\.(?:select|poll)|posix\.(?:waitpid|wait|wait4|read)|_thread\.(?:lock|RLock)|allocate_lock)\b|'(?:acquire|poll|recv|recv_into|accept|connect)' of '/;

/** Adds a profile of cProfile, waiting left out. False: it is none. */
export function addCProfile(tally: Tally, profile: unknown): boolean {
  const { data } = cProfile.safeParse(profile);
  if (!data) return false;
  const { frames, functions, calls } = data;
  const counted = frames.map(([path, line, name]) => ({
    frame: { path, line, name },
    ...{ self: 0, total: 0, calls: 0 },
  }));
  for (const [at, times, self, total] of functions) {
    const one = counted[at];
    if (!one || (one.frame.path === '' && waits.test(one.frame.name))) continue;
    one.calls += times;
    one.self += self;
    one.total += total;
  }
  const isKnown = (at: number) => counted[at] !== undefined;
  const edges = calls.filter(([from, to]) => isKnown(from) && isKnown(to));
  tally.addGraph(
    counted,
    edges.map(([from, to, time]) => ({ from, to, time })),
  );
  return true;
}
