import { toLine } from '../../text.ts';

/** Foreign text for a message: one clean line in quotes. */
export function quoted(text: string, length = 60): string {
  return `"${toLine(text, length)}"`;
}

/** Lines without their ends and colours. What a progress bar goes over by a carriage return is a line of its own. */
export function linesOf(output: string): string[] {
  return withoutColours(output).split(/\r\n|\r|\n/);
}

/** Removes what leaves the text as it is seen: colours, weights, the clearing of what is not written yet, a byte order mark. */
export function withoutColours(output: string): string {
  return output.replace(/^\ufeff|\u001b\[(?:[0-9;:]*m|0?K)/g, '');
}

/** Up to three lines, the last that say anything. */
export function endOfOutput(output: string): string {
  const last = linesOf(output.slice(-4_000))
    .filter((line) => toLine(line) !== '')
    .slice(-3);
  return last.length === 0 ? 'it is empty' : `it ends with ${last.map((line) => quoted(line)).join(', ')}`;
}

/** The line that has most to do with a pattern: the last with the longest text that the pattern asks for. */
export function nearestTo(pattern: string, output: string): string {
  const texts = pattern.replace(/\[[^\]]*\]|\\.|\(\?[:=!<]*/g, '\n').match(/[\p{L}\p{N}_ :=/-]{3,}/gu) ?? [];
  const longest = texts
    .map((text) => text.trim())
    .reduce((best, text) => (text.length > best.length ? text : best), '');
  const found = longest && linesOf(output).findLast((line) => line.includes(longest));
  return found ? `the nearest is ${quoted(found)}` : endOfOutput(output);
}
