import type { ParsedSource, SourceFunction } from '../source/function.ts';
import type { Hotspot } from '../steps.ts';
import { toLine } from '../text.ts';
import { partsOfName, wholeModule } from './locate.ts';
import type { ProfileReading, Spot } from './tally.ts';

/** A smaller share says nothing. */
const minShare = 0.002;

/** Spots of one function. */
type Merged = Omit<Hotspot, 'share'> & Pick<Spot, 'self' | 'total' | 'charged' | 'calls'>;

/**
 * Names the functions of a profile as the parser does, the dearest first. Code that cannot be edited counts for its
 * caller.
 */
export function nameSpots(
  { spots, busy }: Pick<ProfileReading, 'spots' | 'busy'>,
  parsed: ReadonlyMap<string, ParsedSource>,
  count = 8,
): Hotspot[] {
  const merged = new Map<string, Merged>();
  for (const spot of spots) {
    const source = parsed.get(spot.file);
    const found = source && functionOf(spot, source.functions);
    const isModule = spot.name === wholeModule || spot.name === '';
    const name = found?.name ?? (isModule ? null : toLine(spot.name, 100) || null);
    const key = `${spot.file}\0${found?.start ?? ''}\0${name ?? ''}`;
    const one = merged.get(key) ?? {
      ...{ file: spot.file, name, line: found?.start ?? spot.line },
      ...{ self: 0, total: 0, charged: 0, calls: 0 },
    };
    merged.set(key, {
      ...one,
      line: found ? one.line : lower(one.line, spot.line),
      self: one.self + spot.self,
      charged: one.charged + spot.charged,
      total: Math.max(one.total, spot.total),
      calls: one.calls + spot.calls,
    });
  }
  const sorted = [...merged.values()].sort((a, b) => b.charged - a.charged);
  return sorted
    .filter(({ charged }) => charged > minShare * busy)
    .slice(0, count)
    .map(({ self, total, calls, charged: _, ...spot }) => ({
      ...spot,
      share: shareOf(self, busy),
      ...(total > 0 && { total: shareOf(Math.max(self, total), busy) }),
      ...(calls > 0 && { calls }),
    }));
}

function shareOf(part: number, whole: number): number {
  return Math.min(1, Math.round((part / whole) * 1000) / 1000);
}

function lower(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** Finds the function at the line that bears the name, else the only one of that name, else the one at the line. */
function functionOf({ name, line }: Spot, functions: readonly SourceFunction[]): SourceFunction | null {
  if (name === wholeModule) return null;
  const parts = partsOfName(name);
  const around = functions
    .filter(({ start, end }) => line !== null && start <= line && line <= end)
    .sort((a, b) => a.end - a.start - (b.end - b.start));
  const own = parts.at(-1);
  const here = around.find((one) => parts.includes(lastOf(one.name)));
  if (here) return here;
  const named = functions.filter((one) => lastOf(one.name) === own);
  const held = named.filter((one) => parts.includes(one.name.split('.').at(-2) ?? ''));
  return [named, held].find((found) => found.length === 1)?.[0] ?? around[0] ?? null;
}

function lastOf(name: string): string {
  return (name.split('.').at(-1) ?? '').replace(/#\d+$/, '');
}
