import type { ParseResult } from '../../config/problems.ts';
import { toLine } from '../../text.ts';
import { choiceLabel, findChoices, toHypothesis } from '../choices.ts';
import type { Shown } from '../form.ts';
import { parseHypothesis, type Hypothesis } from '../hypothesis.ts';

/** Reads an answer by what its question showed. */
export function readPlainly(text: string, { form, files, target }: Shown): ParseResult<Hypothesis> {
  if (form === 'choice') return readChoice(text, files);
  const code = [...text.matchAll(/^(`{3,})[^\n]*\n([^]*?)\n\1[ \t]*$/gm)]
    .map(([, , inner]) => inner!)
    .sort((a, b) => b.length - a.length)[0];
  const content = files.find(({ path }) => path === target?.file)?.content;
  if (form === 'blocks' || !target || code === undefined || content === undefined) return parseHypothesis(text);
  const { start, end } = target.function ?? { start: 0, end: content.length };
  const title = toLine(/^\W*title\W*:\s*(.+)$/im.exec(text)?.[1] ?? 'Untitled');
  return {
    ok: true,
    value: { title, edits: [{ file: target.file, content: content.slice(0, start) + code + content.slice(end) }] },
  };
}

function readChoice(answer: string, files: Shown['files']): ParseResult<Hypothesis> {
  try {
    const { constant, value } = JSON.parse(answer) as { constant?: unknown; value?: unknown };
    const all = findChoices(files);
    const choice = all.find((one) => choiceLabel(one, all) === constant && one.values.includes(value as number));
    if (choice) return { ok: true, value: toHypothesis(choice, value as number) };
    return { ok: false, problems: ['answer: names no offered constant and value; choose one of those in the schema'] };
  } catch {
    return { ok: false, problems: ['answer: is not a JSON object; answer {"constant", "value"}'] };
  }
}
