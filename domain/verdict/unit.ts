/** Kind of a unit: a time in ms, a share of a time ("ms/op"), a rate, or another. */
export type UnitKind = { kind: 'time'; ms: number } | { kind: 'time-share' } | { kind: 'rate' } | { kind: 'other' };

const timeUnits: [ms: number, names: string[]][] = [
  [1e-6, ['ns', 'nsec', 'nsecs', 'nanosecond', 'nanoseconds']],
  [1e-3, ['us', 'µs', 'μs', 'usec', 'usecs', 'microsecond', 'microseconds']],
  [1, ['ms', 'msec', 'msecs', 'millisecond', 'milliseconds']],
  [1e3, ['s', 'sec', 'secs', 'second', 'seconds']],
  [6e4, ['min', 'mins', 'minute', 'minutes']],
  [3.6e6, ['h', 'hr', 'hour', 'hours']],
];
const milliseconds = new Map(timeUnits.flatMap(([ms, names]) => names.map((name) => [name, ms])));
const namedRate = /^(?:[kmgt]?(?:i?ops|hz|[rqtfb]ps|flops)|mips)$/;

/** Case does not count. An empty unit may be a time of unknown scale. */
export function unitKind(unit: string): UnitKind {
  const text = unit.trim().toLowerCase();
  const ms = milliseconds.get(text);
  if (ms !== undefined) return { kind: 'time', ms };
  if (text === '') return { kind: 'time-share' };
  const [whole, per] = text.split(/\s*\/\s*|\s+per\s+/);
  if (per !== undefined && milliseconds.has(per)) return { kind: 'rate' };
  if (per !== undefined && milliseconds.has(whole!)) return { kind: 'time-share' };
  return namedRate.test(text) ? { kind: 'rate' } : { kind: 'other' };
}
