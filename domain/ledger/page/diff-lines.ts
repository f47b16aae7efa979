import { toBlock } from '../../text.ts';

/** One file of a unified diff. */
export interface FileDiff {
  /** Its path after the change, or before it where the change removes it. */
  path: string;
  lines: DiffLine[];
}

export interface DiffLine {
  /** "note" is of the diff itself: where a part begins, modes, what is binary. */
  kind: 'same' | 'added' | 'removed' | 'note';
  /** Without the sign. */
  text: string;
}

const kinds: Readonly<Record<string, DiffLine['kind']>> = { ' ': 'same', '+': 'added', '-': 'removed', '\\': 'note' };

/** Reads a diff as git prints it; whatever is none of its lines becomes a note, so that nothing is lost. */
export function parseDiff(diff: string): FileDiff[] {
  const files: FileDiff[] = [];
  // Lines of a part that are still to come: by them alone is "--- " a removed line, and no head of a file.
  let left = { old: 0, new: 0 };
  for (const line of toBlock(diff, Infinity).replace(/\n$/, '').split('\n')) {
    const kind = kinds[line[0] ?? ' '];
    const isInside = left.old > 0 || left.new > 0;
    const file = files.at(-1);
    if (file && (isInside ? kind !== undefined : line.startsWith('\\'))) {
      if (kind === 'same' || kind === 'removed') left.old -= 1;
      if (kind === 'same' || kind === 'added') left.new -= 1;
      file.lines.push({ kind: kind!, text: line.slice(kind === 'note' ? 0 : 1) });
      continue;
    }
    left = countsOf(line);
    if (line.startsWith('diff --git ') || !file) files.push({ path: pathOf(line, 'diff --git a/') ?? '', lines: [] });
    readHead(files.at(-1)!, line);
  }
  return files.filter(({ path, lines }) => path !== '' || lines.length > 0);
}

function readHead(file: FileDiff, line: string): void {
  const named = pathOf(line, '+++ b/') ?? pathOf(line, '--- a/');
  if (named !== undefined) file.path = named;
  else if (!/^(diff --git |index |\+\+\+ |--- |$)/.test(line)) file.lines.push({ kind: 'note', text: line });
}

/** Of "a/x b/x" the first half: neither can be told apart where they differ, and then a later line tells. */
function pathOf(line: string, prefix: string): string | undefined {
  if (!line.startsWith(prefix)) return undefined;
  const rest = line.slice(prefix.length);
  return prefix.startsWith('diff') ? rest.slice(0, Math.max(0, (rest.length - 3) / 2)) : rest.replace(/\t$/, '');
}

/** Lines that a part has of the file before and after, from "@@ -3,7 +3,6 @@". */
function countsOf(line: string): { old: number; new: number } {
  const [, old, next] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? [];
  return line.startsWith('@@ -') ? { old: Number(old ?? 1), new: Number(next ?? 1) } : { old: 0, new: 0 };
}
