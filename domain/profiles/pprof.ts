import type { Frame } from './locate.ts';
import type { Tally } from './tally.ts';

type Id = number | bigint;

/** The part of pprof's format that is read. */
export interface PprofProfile {
  sampleType: { type: Id; unit: Id }[];
  sample: { locationId: Id[]; value: Id[] }[];
  location: { id: Id; line: { functionId: Id; line: Id }[] }[];
  function: { id: Id; name: Id; filename: Id; startLine: Id }[];
  stringTable: { strings: string[] };
}

const seconds: Record<string, number> = { nanoseconds: 1e-9, microseconds: 1e-6, milliseconds: 1e-3, seconds: 1 };

/** Adds a profile in pprof's format, in seconds. False: it has no samples of time. */
export function addPprof(tally: Tally, profile: PprofProfile): boolean {
  const text = (id: Id) => profile.stringTable.strings[Number(id)] ?? '';
  const units = profile.sampleType.map(({ type, unit }) =>
    text(type) === 'cpu' || text(type) === 'wall' ? seconds[text(unit)] : undefined,
  );
  const column = units.findIndex((unit) => unit !== undefined);
  if (column < 0) return false;
  const functions = new Map(profile.function.map((one) => [Number(one.id), one]));
  const locations = new Map<number, Frame[]>();
  for (const { id, line: lines } of profile.location) {
    const frames = lines.map(({ functionId, line }): Frame => {
      const one = functions.get(Number(functionId));
      if (!one) return { name: '', path: '', line: 0 };
      return { name: text(one.name), path: text(one.filename), line: Number(one.startLine) || Number(line) };
    });
    locations.set(Number(id), frames);
  }
  for (const { locationId, value } of profile.sample) {
    const time = Number(value[column] ?? 0) * units[column]!;
    if (!(time > 0)) continue;
    tally.addStack(
      locationId.flatMap((id) => locations.get(Number(id)) ?? []),
      time,
    );
  }
  return true;
}
