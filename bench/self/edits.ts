import { applyEdit } from '../../domain/proposal/edit.ts';
import { editBetween } from '../../domain/proposal/edits-between.ts';
import { pick, realSources } from './made-up.ts';
import type { Part } from './parts.ts';

/** Places search/replace blocks in real sources: copied exactly, with another indentation, and with quotes that were changed. */
export function edits(random: () => number): Part {
  const sources = realSources().filter(({ content }) => content.split('\n').length > 60);
  const tries = Array.from({ length: 200 }, (_, index) => {
    const { path, content } = pick(random, sources);
    const lines = content.split('\n');
    const from = Math.floor(random() * (lines.length - 12));
    const block = lines.slice(from, from + 4 + Math.floor(random() * 8)).join('\n');
    const search = [block, block.replace(/^ {2}/gm, ''), block.replaceAll("'", '’')][index % 3]!;
    return { content, edit: { file: path, search, replace: `${search}\n// ${index}` } };
  });
  const run = () =>
    tries.map(({ content, edit }) => {
      const applied = applyEdit(content, edit);
      return 'problem' in applied ? applied : editBetween(edit.file, content, applied.content);
    });
  return { repeats: 24, run };
}
