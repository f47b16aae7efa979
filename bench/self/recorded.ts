import { parseSource } from '../../adapters/parsers/parse.ts';
import type { RecordedInputs } from '../../domain/adoption/shadow.ts';
import { parseRecord } from '../../domain/ledger/record.ts';
import { renderReport, report } from '../../domain/ledger/report.ts';
import { readAnswer } from '../../domain/proposal/answers/read-answer.ts';
import type { Brief } from '../../domain/proposal/brief.ts';
import { applyEdits } from '../../domain/proposal/edit.ts';
import { editBetween } from '../../domain/proposal/edits-between.ts';
import { toQuestion, type Question } from '../../domain/proposal/prompt.ts';

/** An input that a loop on this machine had, and what answers it. */
export interface Recorded {
  name: string;
  answer: () => unknown;
}

const terms = { contextTokens: 16_384, speed: null };

/** The recorded inputs of a part; of those parts whose inputs no loop keeps, none. */
export function recordedInputs(part: string, { ledgers, asked }: RecordedInputs): Recorded[] {
  if (part === 'ledger')
    return ledgers.map(({ loopId, records }) => ({
      name: `ledger of ${loopId}`,
      answer() {
        const read = records.map(parseRecord);
        return [read, renderReport(report(loopId, read, null))];
      },
    }));
  const briefs = asked.map(({ name, brief, answer }) => ({ name, answer, brief: JSON.parse(brief) as Brief }));
  if (part === 'brief')
    return briefs.map(({ name, brief }) => ({
      name: `brief of ${name}`,
      answer: () => (['rewrite', 'blocks', 'choice'] as const).map((form) => toQuestion(brief, { ...terms, form })),
    }));
  if (part !== 'edits') return [];
  return briefs.flatMap(({ name, brief, answer }) =>
    answer === null ? [] : [{ name: `answer of ${name}`, answer: () => place(brief, answer) }],
  );
}

/** Reads an answer and places its edits in the files that its brief had. */
async function place({ files }: Brief, kept: string): Promise<unknown> {
  const { text, question } = JSON.parse(kept) as { text: string; question: Question | null };
  const shown = question?.shown ?? { form: 'blocks', files, target: null };
  const read = await readAnswer(text, shown, (code, path) => parseSource(path, code));
  if (!read.ok) return read;
  const contentOf = (path: string) => files.find((file) => file.path === path)?.content ?? null;
  const applied = await applyEdits(read.value.edits, {
    isEditable: () => true,
    protection: () => null,
    read: (path) => Promise.resolve({ content: contentOf(path) }),
  });
  if (!applied.ok) return applied;
  return [...applied.files].map(([path, after]) => [after, editBetween(path, contentOf(path), after)]);
}
