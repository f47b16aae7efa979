import { quoted } from './printed.ts';
import { convert, isCounted, parseUnit, unitKind } from './unit.ts';

/** A number in the unit that was asked for, and the unit that stood behind it. */
export interface Quantity {
  value: number;
  /** As printed; null where no known unit was. */
  printedUnit: string | null;
}

/** A problem is "fact; remedy". */
type Failure = { ok: false; problem: string };
export type QuantityReading = ({ ok: true } & Quantity) | Failure;

/** Separators of thousands and decimals; the blanks are those that programs print inside of numbers. */
const separator = String.raw`[.,_'’\u00a0\u2007\u2009\u202f]`;
const printedNumber = new RegExp(`^[-+\u2212]?(?:${separator}?\\p{Nd})+(?:[eE][-+\u2212]?\\p{Nd}+)?`, 'u');
const plainNumber = /^[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
/** One comma could be a decimal one: "1,234" is refused. */
const grouped = [
  /^[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+$/,
  /^[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}$/,
  /^[-+]?[1-9][0-9]{0,2}(?:_[0-9]{3})+(?:\.[0-9]+)?$/,
  /^[-+]?[1-9][0-9]{0,2}(?:['’][0-9]{3})+(?:\.[0-9]+)?$/,
];
/** Up to the number's first character, which may be its sign. */
const cutBefore = new RegExp(
  `(?:\\p{Nd}${separator}?|\\.|[-+\u2212]|\\p{Nd}e|0x[\\da-f]*|0[bo]|[<≤]\\s?).$|\\p{L}[-+\u2212]$`,
  'iu',
);
const cutBehind = new RegExp(`^(?:${separator}+\\p{Nd}|[-+\u2013]\\p{Nd}|:\\p{Nd}{2}|x[\\da-f])`, 'iu');
/** Behind a number: perhaps its deviation, or the end of a table's cell; then a word, and what it is per. */
const deviation = String.raw`(?:\s*(?:±|\+/?-)\s*[\d.,]+(?=\s*\p{L}))?`;
const nextCell = String.raw`(?:[,;|]\s*(?=[^\s,;|]+\s*(?:[,;|]|$)))?`;
const word = String.raw`(?:[kKMGT]\s+(?=\p{L}+\s*(?:/|per\s)))?(?:%|(?!per\s)\p{L}+)?(?:\s?/\s?\p{L}+|\s*per\s+\p{L}+)?`;
const unitBehind = new RegExp(`^(${deviation}\\s*${nextCell})(${word})`, 'u');
/** Suffixes of a program that scales its numbers. */
const suffix = /^(?:[kKMGTPmunpµμ]|[KMGT]i|(?:thousand|million|billion|trillion|mln|mio|bn)s?)$/;
const minNormal = 2 ** -1022;

/**
 * Reads the number at `from` to `to` of a line, and the unit behind it.
 * @param asked the config's unit; null takes the base unit of whatever is printed
 */
export function readQuantity(
  line: string,
  [from, to]: readonly [from: number, to: number],
  asked: string | null,
): QuantityReading {
  const text = line.slice(from, to);
  const shown = quoted(text);
  const start = from + (text.length - text.trimStart().length);
  const [token] = printedNumber.exec(line.slice(start)) ?? [];
  if (token === undefined) return failure(`${shown} is not a plain decimal number; print one such as 12.5`);
  const [before, behind] = [line.slice(Math.max(0, start - 100), start), line.slice(start + token.length)];
  if (start + token.length > to || cutBefore.test(before + line.charAt(start)) || cutBehind.test(behind))
    return failure(`${shown} is part of a longer number in ${quoted(line)}; let the pattern match all of it`);
  const number = toNumber(token);
  if (!number.ok) return number;
  const unit = unitIn(behind, asked);
  if (!unit.ok) return unit;
  if (/^[-+]?\d{1,3}$/.test(token) && hasThousands(behind, asked))
    return failure(`${shown} may be part of a longer number in ${quoted(line)}; print it without blanks`);
  const { length, printedUnit } = unit;
  // A full stop ends a sentence, or a number as C prints it.
  if (!/^\.?\s*$/.test(line.slice(start + token.length + length, to)))
    return failure(`${shown} is not a plain decimal number; print one such as 12.5`);
  if (isPartOfDuration(before, printedUnit, behind.slice(length)))
    return failure(`${shown} is part of a longer time in ${quoted(line)}; print it in one unit`);
  return inUnit(number.value, printedUnit, asked);
}

/** Takes a number, and the unit that is known to be its own, into the unit that was asked for. */
export function inUnit(number: number, printedUnit: string | null, asked: string | null): QuantityReading {
  const printed = printedUnit === null ? null : parseUnit(printedUnit);
  const target = asked === null ? printed && { ...printed, scale: 1 } : parseUnit(asked);
  // A "%" never scales itself, and may stand behind any score.
  if (!printed || (!target && printed.dimension === 'percent')) return { ok: true, value: number, printedUnit: null };
  const value = printedUnit === asked ? number : target && convert(number, printed, target);
  if (value === null) {
    const unit = quoted(printedUnit!);
    return failure(`the output says ${unit}, and the unit is ${quoted(asked!)}; set benchmark.unit to ${unit}`);
  }
  if (!Number.isFinite(value)) return failure(`${number} ${printedUnit} is too large; print it in a larger unit`);
  return { ok: true, value, printedUnit };
}

/** Explains why two sides' numbers cannot be compared; null where they can. A 0 needs no unit. */
export function unitMismatch(champion: Quantity, candidate: Quantity): string | null {
  const sides = [champion, candidate];
  if (sides.some(({ value, printedUnit }) => value === 0 && printedUnit === null)) return null;
  const units = sides.map(({ printedUnit }) => (printedUnit === null ? null : parseUnit(printedUnit)));
  const [ours, theirs] = sides.map(({ printedUnit }) => (printedUnit === null ? 'no unit' : quoted(printedUnit)));
  const printed = `the champion printed ${ours} behind the number and the candidate ${theirs}`;
  const [one, other] = units;
  if (one?.dimension !== other?.dimension) return `${printed}; print the same unit always`;
  // From kB to MB it may be 1000 or 1024.
  const isUnsure = one?.dimension.startsWith('size') && units.some((unit) => !Number.isInteger(Math.log2(unit!.scale)));
  const isClose = Math.abs(candidate.value / champion.value - 1) < 0.025;
  return isUnsure && one?.scale !== other?.scale && isClose
    ? `${printed}, too close for units of 1000 or 1024; print bytes`
    : null;
}

/** Explains why no time and no rate is 0 or less; null where the value may be. */
export function impossible({ value, printedUnit }: Quantity, asked: string | null): string | null {
  const unit = asked ?? printedUnit ?? '';
  const { kind } = unitKind(unit);
  if (value > 0 || unit === '' || kind === 'other') return null;
  const remedy = 'measure more work, or set the unit to what the number counts';
  if (value < 0) return `a ${kind === 'rate' ? 'rate' : 'time'} of ${value} ${unit} cannot be; ${remedy}`;
  return `${value} ${unit} is below what the program's timer can tell; ${remedy}`;
}

function toNumber(token: string): { ok: true; value: number } | Failure {
  const text = token.replaceAll('\u2212', '-');
  const plain = grouped.some((form) => form.test(text)) ? text.replace(/[,_'’]/g, '') : text;
  const shown = quoted(token);
  if (!plainNumber.test(plain)) {
    const fact = /^[-+]?[0-9]+,[0-9]+$/.test(text)
      ? 'could be a thousand or a fraction'
      : 'is not a plain decimal number';
    return failure(`${shown} ${fact}; print it without separators, such as 1234.5`);
  }
  const value = Number(plain);
  if (!Number.isFinite(value)) return failure(`${shown} is too large; print it in a larger unit`);
  const isZero = !/[1-9]/.test(plain.replace(/e.*$/i, ''));
  if (!isZero && Math.abs(value) < minNormal) return failure(`${shown} is too small; print it in a smaller unit`);
  // No -0.
  return { ok: true, value: value + 0 };
}

/** Words that are no unit are other text; what may scale the number in another way is refused. */
function unitIn(
  behind: string,
  asked: string | null,
): { ok: true; length: number; printedUnit: string | null } | Failure {
  const none = { ok: true, length: 0, printedUnit: null } as const;
  const [whole = '', blanks = '', text = ''] = unitBehind.exec(behind) ?? [];
  const next = behind.slice(whole.length);
  if (text === '') return none;
  if (blanks === '' && /^(?:[\p{N}_^]|[.-][\p{L}\p{N}])/u.test(next))
    return failure(`the number goes on with ${quoted(text + next, 20)}; print a plain decimal number`);
  // The name of the next number, as in "n=12 ms=5", or of this one, as in "12 min, 13 max".
  if (blanks !== '' && /^(?:[\p{L}\p{N}_=^]|[.-]\p{L})/u.test(next)) return none;
  if (text === 'min' && /^:|\b(?:max|avg|mean|median)\b/i.test(next)) return none;
  if (asked !== null && text === asked.trim()) return { ok: true, length: whole.length, printedUnit: asked };
  if (parseUnit(text)) return { ok: true, length: whole.length, printedUnit: text };
  return suffix.test(text) || isScaled(text, asked)
    ? failure(`${quoted(text)} behind the number may scale it; print the whole number, or its unit`)
    : none;
}

/** "1 234,5" and "1 234 ms" may be one number each. */
function hasThousands(behind: string, asked: string | null): boolean {
  const [blocks, comma] = /^(?: \d{3})+(?!\d)(,\d)?(?:\.\d+)?/.exec(behind) ?? [];
  const unit = blocks === undefined ? null : unitIn(behind.slice(blocks.length), asked);
  return comma !== undefined || (unit?.ok === true && unit.printedUnit !== null);
}

/** "ksteps" are 1000 steps. */
function isScaled(text: string, asked: string | null): boolean {
  const [, word = ''] = /^[kKMGT](\p{L}{2,})$/u.exec(text) ?? [];
  const singular = (name: string) => name.toLowerCase().replace(/s$/, '');
  return word !== '' && (singular(word) === singular(asked ?? '') || isCounted(word));
}

/** "1m 2.5s" and "1 s 200 ms" are one time each; a 0 in front changes nothing. */
function isPartOfDuration(before: string, printedUnit: string | null, next: string): boolean {
  const [, minutes] = /(?:^|[^\w.])(\d+):$/.exec(before) ?? [];
  if (minutes !== undefined && Number(minutes) > 0) return true;
  const own = timeScale(printedUnit ?? '');
  const [, count, larger = ''] = /(?:^|[^\w.])(\d+) ?(\p{L}+),? ?$/u.exec(before) ?? [];
  const [, smaller = ''] = /^,? ?\d[\d.]* ?(\p{L}+)/u.exec(next) ?? [];
  return (Number(count ?? 0) > 0 && timeScale(larger) > own && own > 0) || (timeScale(smaller) || own) < own;
}

/** 0 for what is no time. */
function timeScale(word: string): number {
  const unit = parseUnit(word === 'm' ? 'min' : word);
  return unit?.dimension === 'time' ? unit.scale : 0;
}

function failure(problem: string): Failure {
  return { ok: false, problem };
}
