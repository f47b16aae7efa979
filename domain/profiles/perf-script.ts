import { treeMount } from '../names.ts';
import type { Frame } from './locate.ts';
import type { Tally } from './tally.ts';

/** Fields of `perf script` that are read. */
export const perfFields = 'period,ip,sym,dso';

/** Adds what `perf script` prints of these fields, in seconds of CPU time. False: there are no samples. */
export function addPerfScript(tally: Tally, text: string): boolean {
  let stack: Frame[] = [];
  let time = 0;
  let found = false;
  for (const line of `${text}\n`.split('\n')) {
    const [, name, object] = /^\s+[0-9a-f]+ (.*) \((.*)\)$/.exec(line) ?? [];
    const [, period] = /^\s*(\d+)\s*$/.exec(line) ?? [];
    if (name !== undefined) stack.push({ name, path: object!.startsWith(`${treeMount}/`) ? '' : object!, line: 0 });
    else if (period !== undefined) [stack, time] = [[], Number(period) / 1e9];
    else if (line === '' && stack.length > 0) {
      tally.addStack(stack, time);
      [stack, found] = [[], true];
    }
  }
  return found;
}
