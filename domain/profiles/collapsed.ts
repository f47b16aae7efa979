import type { Frame } from './locate.ts';
import type { Tally } from './tally.ts';

/** How profilers write a frame with its place: py-spy, rbspy, austin. */
const forms: [RegExp, (parts: string[]) => Frame][] = [
  [/^(.*) \((.+):(\d+)\)$/, ([name, path, line]) => ({ name: name!, path: path!, line: Number(line) })],
  [/^(.*) - (.+):(\d+)$/, ([name, path, line]) => ({ name: name!, path: path!, line: Number(line) })],
  [/^([^:]*[./][^:]*):(.+):(\d+)$/, ([path, name, line]) => ({ name: name!, path: path!, line: Number(line) })],
];

/** Adds collapsed stacks, "main;parse;next 42" a line, the running function last. False: there are none. */
export function addCollapsed(tally: Tally, text: string): boolean {
  const frames = new Map<string, Frame>();
  let found = false;
  for (const line of text.split('\n')) {
    const [, stack, count] = /^(.*) (\d+(?:\.\d+)?)\s*$/.exec(line.slice(0, 100_000)) ?? [];
    if (stack === undefined || Number(count) === 0) continue;
    const names = stack.split(';').reverse();
    for (const name of names) if (!frames.has(name)) frames.set(name, frameOf(name));
    tally.addStack(
      names.map((name) => frames.get(name)!),
      Number(count),
    );
    found = true;
  }
  return found;
}

function frameOf(text: string): Frame {
  const bare = text.replace(/_\[[ijkwp0-9]\]$/, '');
  for (const [form, frame] of forms) {
    const match = form.exec(bare);
    if (match) return frame(match.slice(1));
  }
  return { name: bare, path: '', line: 0 };
}
