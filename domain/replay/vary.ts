import * as fc from 'fast-check';
import { entryOf, isTagged, open } from './canonical.ts';
import { noConstants, type Constants } from './constants.ts';
import type { Canonical } from './contract.ts';

type Values = fc.Arbitrary<Canonical>;

/** Longest list that is made, and most values that are drawn from at one place. */
const [maxLength, maxPeers] = [40, 24];
/** Longest list and text that a constant of the source asks for. */
const maxBoundary = 300;

/** Different numbers in all arguments, none of them negative, after which a negative one is no input of the function. */
const enough = 6;

interface Variation {
  seed: number;
  count: number;
  /** Others are called for the edited functions that they call: what was never seen of them is not tried. */
  isEdited: boolean;
  /** Of its source; default: none. */
  constants?: Constants;
}

/** Makes arguments of the shape of recorded ones: neighbours, edge cases, ties, mixtures. The same seed gives the same. */
export function vary(
  recorded: readonly Canonical[][],
  { seed, count, isEdited, constants = noConstants }: Variation,
): Canonical[][] {
  const [first, ...others] = recorded;
  if (!first || count <= 0) return [];
  const edges = [
    ...few(edgeCases(recorded), Math.ceil(count / 3)),
    ...few(boundaries(recorded, constants), Math.ceil(count / 6)),
    ...few(twins(recorded), Math.ceil(count / 12)),
  ];
  const isUnsigned = isNeverNegative(recorded.flat(), isEdited ? enough : 1);
  const seen = columns(recorded).map((column) => few(column));
  const varied = fc
    .constantFrom(first, ...others)
    .chain((call) =>
      fc.oneof(
        { arbitrary: fc.tuple(...call.map((value, at) => mostly(like(value, seen[at]!), value))), weight: 3 },
        { arbitrary: fc.tuple(...call.map((value, at) => tiny(value, seen[at]!))), weight: 1 },
      ),
    );
  const made = [...edges, ...fc.sample(varied, { seed, numRuns: count - edges.length })];
  return isUnsigned ? made.map((call) => call.map(withoutSigns)) : made;
}

/** The values of each argument. */
function columns(recorded: readonly Canonical[][]): Canonical[][] {
  const length = Math.max(...recorded.map((call) => call.length));
  return Array.from({ length }, (_, at) => recorded.flatMap((call) => (at < call.length ? [call[at]!] : [])));
}

function isNeverNegative(values: readonly Canonical[], least: number): boolean {
  const numbersIn = (value: Canonical): number[] =>
    isNumber(value) ? [value] : (open(value)?.parts.flatMap(numbersIn) ?? []);
  const numbers = new Set(values.flatMap(numbersIn));
  return numbers.size >= least && [...numbers].every((number) => number >= 0);
}

function withoutSigns(value: Canonical): Canonical {
  if (isNumber(value)) return Math.abs(value);
  const opened = open(value);
  return opened ? opened.remake(opened.parts.map(withoutSigns)) : value;
}

/** Puts each edge case in each argument's place, in each recorded call. */
function edgeCases(recorded: readonly Canonical[][]): Canonical[][] {
  return recorded.flatMap((call) => call.flatMap((value, at) => edgesOf(value).map((edge) => call.with(at, edge))));
}

/** Puts constants of the source, and what is next to them, in each argument's place: as value, as length. */
function boundaries(recorded: readonly Canonical[][], { numbers, texts }: Constants): Canonical[][] {
  const near = numbers.flatMap((number) => [number, number - 1, number + 1]).filter((number) => number >= 0);
  const lengths = near.filter((length) => Number.isInteger(length) && length <= maxBoundary);
  const of = (value: Canonical): Canonical[] => {
    if (isNumber(value)) return near;
    if (isString(value))
      return [
        ...texts.flatMap((text) => [text, value + text, text + value, text + text + value]),
        ...lengths.map((length) => (value || 'a').repeat(length).slice(0, length)).filter((text) => !isHalf(text)),
      ];
    if (!Array.isArray(value) || value.length === 0) return [];
    return lengths.map((length) => Array.from({ length }, (_, at) => value[at % value.length]!));
  };
  return recorded.flatMap((call) => call.flatMap((value, at) => of(value).map((other) => call.with(at, other))));
}

/** Gives an argument in the place of another of its kind: equal ones are a tie. */
function twins(recorded: readonly Canonical[][]): Canonical[][] {
  return recorded.flatMap((call) =>
    call.flatMap((value, at) =>
      call.flatMap((other, place) => (place !== at && tagOf(value) === tagOf(other) ? [call.with(place, value)] : [])),
    ),
  );
}

/** Few values of which many are equal or next to each other: boundaries between arguments, and ties within them. */
function tiny(value: Canonical, peers: readonly Canonical[]): Values {
  if (isNumber(value)) return fc.integer({ min: 0, max: 3 });
  if (isString(value)) {
    const characters = [...new Set([value, ...peers.filter(isString)].join('').slice(0, 3)), 'a'];
    return fc.string({ unit: fc.constantFrom(...characters), maxLength: 2 }).filter((text) => !isHalf(text));
  }
  if (!Array.isArray(value) || value.length === 0) return fc.constantFrom(value, ...peers);
  const parts = few(value, 2);
  const near = fc.constantFrom(...parts).chain((part) => mostly(tiny(part, parts), part));
  return fc.array(near, { maxLength: 3 });
}

function tagOf(value: Canonical): string {
  return isTagged(value) ? value.$ : Array.isArray(value) ? 'list' : typeof value;
}

/** The values by which a kind of value is wrong most often, the likeliest first. */
function edgesOf(value: Canonical): Canonical[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [0, -value, value - 1, value + 1, -1, 1, value * 2, 2].filter(Number.isFinite);
  if (typeof value === 'string') {
    const half = value.slice(0, value.length / 2);
    const cases = [value.toUpperCase(), value.toLowerCase(), value.trim(), ` ${value} `];
    return [
      '',
      ' ',
      `𝒳${value}`,
      `${half}é${value.slice(half.length)}`,
      half,
      `${value.slice(0, 1)}${value}`,
      value + value,
      `${value}${value.slice(-1)}`,
      `${value}\n`,
      `${value}ß`,
      ...cases,
    ];
  }
  if (!Array.isArray(value) || value.length === 0) return [];
  const sorted = [...value].sort((one, other) =>
    isNumber(one) && isNumber(other) ? one - other : JSON.stringify(one) < JSON.stringify(other) ? -1 : 1,
  );
  const turned = [sorted, [...value].reverse(), [...sorted].reverse()];
  return [[], value.slice(0, 1), [...value, ...value], ...turned, value.slice(1), value.slice(0, -1)];
}

function mostly(other: Values, value: Canonical): Values {
  return fc.oneof({ arbitrary: other, weight: 3 }, { arbitrary: fc.constant(value), weight: 1 });
}

/** @param peers values seen at the same place */
function like(value: Canonical, peers: readonly Canonical[]): Values {
  if (typeof value === 'boolean') return fc.boolean();
  if (typeof value === 'number') return numberLike(value, peers.filter(isNumber));
  if (typeof value === 'string') return stringLike(value, peers.filter(isString));
  if (isTagged(value) && value.$ === 'float' && /\d/.test(value.text))
    return numberLike(Number(value.text) + 0.5, []).map((made) => ({ $: 'float', text: floatText(made as number) }));
  const opened = open(value);
  if (!opened) return fc.constantFrom(value, ...peers);
  const seen = few(peers.flatMap((peer) => (tagOf(peer) === tagOf(value) ? (open(peer)?.parts ?? []) : [])));
  const entry = entryOf(value);
  if (entry) {
    const [key, held] = entry;
    const same = peers.flatMap((peer) => (entryOf(peer)?.[0] === key ? [entryOf(peer)![1]] : []));
    return fc.oneof(fc.constantFrom(held, ...same), like(held, same)).map((made) => opened.remake([key, made]));
  }
  const parts = opened.isFixed
    ? fc.tuple(...opened.parts.map((part) => mostly(like(part, seen), part)))
    : listLike(opened.parts, seen);
  return parts.map(opened.remake);
}

function floatText(number: number): string {
  return Number.isInteger(number) ? `${number}.0` : String(number);
}

/** Numbers near, opposite, and at the edges; far ones stay within what was seen, twice: a size may be asked for. */
function numberLike(value: number, peers: readonly number[]): Values {
  const most = Math.ceil(Math.min(Math.max(4, ...[value, ...peers].map(Math.abs)) * 2, Number.MAX_SAFE_INTEGER));
  const isWhole = [value, ...peers].every(Number.isInteger);
  const far = isWhole ? fc.integer({ min: -most, max: most }) : fc.double({ min: -most, max: most, noNaN: true });
  return fc
    .oneof(fc.constantFrom(...(edgesOf(value) as number[]), ...peers), far)
    .map((made) => (made === 0 ? 0 : made));
}

/** Characters that programs count, fold or compare wrongly: accents, two UTF-16 units, longer in upper case, spaces. */
const unusual = [...Array.from('éßİﬁΣ中𝒳\u07ff\u0800\u00a0\u2028\n\t\0\\"\'-./%$ '), 'e\u0301', '👩‍👩‍👧'];

function stringLike(value: string, peers: readonly string[]): Values {
  const characters = few([...new Set([value, ...peers].join('')), ...unusual]);
  const position = fc.nat({ max: value.length });
  const any = fc.constantFrom(value, ...peers);
  const made = fc.oneof(
    fc.constantFrom(...(edgesOf(value) as string[]), ...peers),
    fc.tuple(position, position).map(([one, other]) => value.slice(Math.min(one, other), Math.max(one, other))),
    fc
      .tuple(position, fc.constantFrom(...unusual, ...characters))
      .map(([at, one]) => value.slice(0, at) + one + value.slice(at)),
    fc.tuple(any, any).map(([one, other]) => one + other),
    fc.string({ unit: fc.constantFrom(...characters), maxLength: Math.min(value.length * 2 + 2, maxLength) }),
  );
  return made.filter((text) => !isHalf(text));
}

/** Lists with nothing, with ties, in order and against it, with parts of what was seen. */
function listLike(value: Canonical[], seen: readonly Canonical[]): fc.Arbitrary<Canonical[]> {
  const parts = few([...value, ...seen]);
  const [first] = parts;
  if (first === undefined) return fc.constant([]);
  const size = { maxLength: Math.min(value.length * 2 + 2, maxLength) };
  const fresh = fc.constantFrom(...parts).chain((part) => like(part, parts));
  return fc.oneof(
    fc.constantFrom<Canonical[]>([], [first], ...(edgesOf(value) as Canonical[][])),
    fc.array(fc.constantFrom(...parts), size),
    fc.array(fc.constantFrom(first, parts.at(-1)!), size),
    fc.array(fresh, size),
    fc
      .tuple(fc.nat({ max: Math.max(0, value.length - 1) }), fresh)
      .map(([at, one]) => value.map((part, index) => (index === at ? one : part))),
  );
}

/** Takes some values, spread evenly. */
export function few<T>(values: readonly T[], most = maxPeers): T[] {
  const step = Math.max(1, values.length / most);
  return values.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

const isHalf = (text: string) => /\p{Surrogate}/u.test(text);
const isNumber = (value: Canonical): value is number => typeof value === 'number';
const isString = (value: Canonical): value is string => typeof value === 'string';
