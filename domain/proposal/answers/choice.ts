import { findChoices, toHypothesis } from '../choices.ts';
import type { Shown } from '../form.ts';
import type { Draft } from './json.ts';
import { jsonObjects } from './json-objects.ts';
import type { ParseResult } from '../../config/problems.ts';

/** Reads a value for a named constant. Null: the answer is in another form. */
export function readChoice(text: string, { files }: Shown): ParseResult<Draft> | null {
  if (!text.includes('constant')) return null;
  const found = jsonObjects(text)
    .map(({ value }) => value)
    .filter((value) => 'constant' in value && 'value' in value);
  const [first] = found;
  if (!first) return null;
  if (found.some((one) => one['constant'] !== first['constant'] || one['value'] !== first['value']))
    return refuse('has more than one choice; make one');
  const value = Number(first['value']);
  const choices = files.flatMap((file) => findChoices([file]));
  const named = choices.filter(({ file, constant }) =>
    [constant, `${file}:${constant}`].includes(String(first['constant'])),
  );
  const [choice] = named;
  if (named.length !== 1)
    return refuse(
      `names ${choice ? 'a constant of more than one file' : 'no constant that may be set'}; choose one that is listed`,
    );
  const isFit =
    value >= choice!.values[0]! &&
    value <= choice!.values.at(-1)! &&
    (!Number.isInteger(choice!.present) || Number.isInteger(value));
  if (!isFit) return refuse(`sets ${choice!.constant} to what it cannot be; choose a value that is listed`);
  const { title, edits } = toHypothesis(choice!, value);
  return { ok: true, value: { title, rationale: null, edits } };
}

function refuse(problem: string): { ok: false; problems: string[] } {
  return { ok: false, problems: [`answer: ${problem}`] };
}
