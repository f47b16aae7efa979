import { convert, parseUnit } from './unit.ts';
import type { Located } from './json-document.ts';
import { linesOf } from './printed.ts';

/** Finds the unit of a number without one behind it: in brackets before it, or in a table's head. */
export function unitBefore(output: string, line: string, start: number, asked: string | null): string | null {
  const [, label = ''] =
    /\s[([]([^\s()[\]]+)[)\]]\s*[:=|]?\s*$/.exec(line.slice(Math.max(0, start - 100), start)) ?? [];
  if (parseUnit(label)) return label;
  const inHead = line.includes('|') ? /\((?:time )?in (\S+?)\)|\s\[(\S+?)\]\s*(?=\|)/g : /\(time in (\S+?)\)/g;
  const heads = linesOf(output).flatMap((each) => [...each.matchAll(inHead)].map(([, one, other]) => one ?? other!));
  const [unit, another] = new Set(heads.filter((head) => parseUnit(head)));
  return unit !== undefined && another === undefined && fits(unit, asked) ? unit : null;
}

/** Finds it in a member beside the number, such as Google Benchmark's `time_unit` and JMH's `scoreUnit`. */
export function unitBeside({ key, beside }: Located & { ok: true }, asked: string | null): string | null {
  const own = [`${key}Unit`, `${key}_unit`, `${key.replace(/Value$/, '')}Unit`, 'unit', 'units'];
  const [found] = [...own, 'time_unit', 'timeUnit'].flatMap((name) => {
    const text = Object.hasOwn(beside, name) ? beside[name] : null;
    const isMeant = typeof text === 'string' && parseUnit(text) && (own.includes(name) || fits(text, asked));
    return isMeant ? [text] : [];
  });
  return found ?? null;
}

/** What stands farther away may be the unit of another number. */
function fits(unit: string, asked: string | null): boolean {
  const [printed, target] = [parseUnit(unit), asked === null ? null : parseUnit(asked)];
  return asked === null || (printed !== null && target !== null && convert(1, printed, target) !== null);
}
