/** Kind of a unit: a time in ms, a share of a time ("ms/op"), a rate, or another. */
export type UnitKind = { kind: 'time'; ms: number } | { kind: 'time-share' } | { kind: 'rate' } | { kind: 'other' };

/** Values of one dimension can be converted by the scales of their units. */
export interface Unit {
  /** Such as "time", "size", "time/each" (ns/op) or "count/time" (ops/s). */
  dimension: string;
  scale: number;
}

/** In ns, by prefix. */
const seconds: Record<string, number> = {
  ...{ p: 1e-3, n: 1, u: 1e3, µ: 1e3, μ: 1e3, m: 1e6, '': 1e9 },
  ...{ pico: 1e-3, nano: 1, micro: 1e3, milli: 1e6 },
};
const longTimes: [ns: number, names: RegExp][] = [
  [6e10, /^min(?:s|utes?)?$/],
  [3.6e12, /^h(?:rs?|ours?)?$/],
  [8.64e13, /^d(?:ays?)?$/],
];
/** Things that a rate may count: "kops/s" is 1000 of them. Others have no prefix. */
const counted =
  /^([kmgt]?)(?:i|it|its|iters?|iterations?|ops?|operations?|reqs?|requests?|calls?|elems?|elements?|items?|rows?|records?|lines?|tok|tokens?|runs?|events?|msgs?|messages?|queries|txs?|txns?|transactions?|samples?|frames?|packets?|keys?|steps?|loops?|points?|docs?|words?|chars?)$/;

/** Case counts for bits ("Mb") and bytes ("MB") alone. Returns null for what is no known unit. */
export function parseUnit(text: string): Unit | null {
  const [whole = '', per] = text
    .trim()
    .replace(/^([kKMGT])\s+/, '$1')
    .split(/\s*\/\s*|(?:^|\s+)per\s+/i);
  if (per === undefined) return whole === '' ? null : (timeOf(whole) ?? sizeOf(whole) ?? rateOf(whole));
  const unit = timeOf(whole) ?? sizeOf(whole);
  const time = timeOf(per);
  if (!time) return unit && { ...unit, dimension: `${unit.dimension}/each` };
  const { dimension, scale } = unit ?? countOf(whole);
  return { dimension: `${dimension}/time`, scale: (scale * 1e9) / time.scale };
}

/** Tells whether a word is something that rates count, so that a prefix before it scales. */
export function isCounted(word: string): boolean {
  return counted.exec(word.toLowerCase())?.[1] === '';
}

/** Converts between units of one dimension; null where they are of two. A share of a unit takes the unit itself. */
export function convert(value: number, from: Unit, to: Unit): number | null {
  const isSame = from.dimension === to.dimension || `${from.dimension}/each` === to.dimension;
  // 1.005 s are 1005 ms, which their factor alone would miss by a bit.
  return isSame ? Number(((value * from.scale) / to.scale).toPrecision(15)) : null;
}

/** Reads the config's unit, whose case does not count. An empty one may be a time of unknown scale. */
export function unitKind(text: string): UnitKind {
  if (text.trim() === '') return { kind: 'time-share' };
  const unit = parseUnit(text);
  if (unit?.dimension === 'time') return { kind: 'time', ms: unit.scale / 1e6 };
  if (unit?.dimension === 'time/each') return { kind: 'time-share' };
  return { kind: unit?.dimension.endsWith('/time') ? 'rate' : 'other' };
}

function timeOf(word: string): Unit | null {
  const lower = word.toLowerCase();
  const [, prefix] = /^([pnuµμm]|pico|nano|micro|milli|)(?:s|secs?|seconds?)$/.exec(lower) ?? [];
  const scale = prefix === undefined ? longTimes.find(([, names]) => names.test(lower))?.[0] : seconds[prefix];
  return scale === undefined ? null : { dimension: 'time', scale };
}

/** Bytes, bits and shares of 100. */
function sizeOf(word: string): Unit | null {
  if (/^(?:%|percent|pct)$/i.test(word)) return { dimension: 'percent', scale: 1 };
  const short = word.replace(/^(k|m|g|t)(?:ilo|ega|iga|era)(?=b)/i, '$1').replace(/^(k|m|g|t)(?:i|e)bi(?=b)/i, '$1i');
  const [found, prefix = '', binary, name = ''] = /^(?:([kmgt])(i)?)?(b|bytes?|bits?)$/i.exec(short) ?? [];
  if (found === undefined) return null;
  // "kb" is what many print for kB, "Mb" are bits.
  const isBits = /^bit/i.test(name) || (name === 'b' && /[A-Z]/.test(prefix));
  return { dimension: isBits ? 'bits' : 'size', scale: scaleOf(prefix, binary ? 1024 : 1000) };
}

/** Rates with a name of their own. */
function rateOf(word: string): Unit | null {
  const [, prefix = '', name] = /^([kmgt]?)(i?ops|hz|[irqtf]ps|flops|bps|mips)$/i.exec(word) ?? [];
  if (name === undefined) return null;
  const things: Record<string, string> = { flops: 'flop', bps: name.startsWith('B') ? 'size' : 'bits' };
  const isMips = name.toLowerCase() === 'mips';
  return { dimension: `${things[name.toLowerCase()] ?? 'count'}/time`, scale: isMips ? 1e6 : scaleOf(prefix) };
}

function countOf(word: string): Unit {
  if (/^[kKMGT]?$/.test(word)) return { dimension: 'count', scale: scaleOf(word) };
  const lower = word.toLowerCase();
  const [, flopPrefix] = /^([kmgt]?)flops?$/.exec(lower) ?? [];
  if (flopPrefix !== undefined) return { dimension: 'flop', scale: scaleOf(flopPrefix) };
  const [, prefix] = counted.exec(lower) ?? [];
  return prefix === undefined ? { dimension: lower, scale: 1 } : { dimension: 'count', scale: scaleOf(prefix) };
}

function scaleOf(prefix: string, base = 1000): number {
  return base ** ('kmgt'.indexOf(prefix.toLowerCase() || '-') + 1);
}
