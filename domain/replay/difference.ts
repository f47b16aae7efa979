import { line, toBlock, toLine, type CleanText } from '../text.ts';
import type { Answer, Canonical, FunctionName } from './contract.ts';

/** The smallest input that was found on which a candidate answers otherwise than the base. */
export interface Difference {
  call: FunctionName & { arguments: Canonical[] };
  base: Answer;
  /** Null where there was none: the run ended as `broken` says. */
  candidate: Answer | null;
  broken: string | null;
}

/** Tells a difference to people and to the proposer. The candidate's part is foreign text, bounded and cleaned. */
export function differenceText({ call, base, candidate, broken }: Difference): CleanText {
  const input = call.arguments.map(show).join(', ');
  return toBlock(
    [
      line`replay: ${call.file}: ${call.name} behaves otherwise than in the base`,
      `input: (${toLine(input, 600)})`,
      `base: ${toLine(endText(base), 400)}`,
      `candidate: ${toLine(candidate ? endText(candidate) : `gives no answer: ${broken ?? ''}`, 400)}`,
    ].join('\n'),
  );
}

/** @param answer a candidate's may be anything */
function endText({ end, after }: Answer): string {
  const { kind, value, class: name, code, why } = Object(end) as Record<string, unknown>;
  const ends = new Map<unknown, () => string>([
    ['returned', () => `returns ${show(value)}`],
    ['threw', () => `throws ${String(name)}${typeof code === 'string' ? ` (${code})` : ''}`],
    ['late', () => 'does not return in time'],
    ['unreachable', () => `cannot be called: ${String(why)}`],
  ]);
  const left = after === undefined ? '' : `, and leaves its arguments as ${show(after)}`;
  return `${ends.get(kind)?.() ?? 'answers in an unknown form'}${left}`;
}

/** Shows a canonical value as JSON, without tags where JSON has a form for it. */
function show(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => plain(part));
  } catch {
    return '(too deep)';
  }
}

function plain(part: unknown): unknown {
  const { $: tag, class: name, entries, values, text, what } = Object(part) as Record<string, unknown>;
  if (typeof tag !== 'string') return part;
  if (tag === 'object' && Array.isArray(entries)) return Object.fromEntries(entries as [string, unknown][]);
  const word = [what, text].find((one) => typeof one === 'string');
  if (typeof word === 'string' || tag === 'undefined') return `<${typeof word === 'string' ? word : tag}>`;
  return { [typeof name === 'string' ? name : tag]: entries ?? values ?? { ...(part as object), $: undefined } };
}
