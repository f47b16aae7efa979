import type { ParseResult } from '../../config/problems.ts';
import { toLine } from '../../text.ts';
import { gain } from '../../verdict/gain.ts';
import type { Brief } from '../brief.ts';
import { choiceLabel, findChoices } from '../choices.ts';
import type { Shown } from '../form.ts';
import { pack, type Part } from './pack.ts';
import { hintPart, partOf } from './parts.ts';
import { list, place } from './quote.ts';
import { questionOf, roomFor, type Question, type Terms } from './question.ts';

/** Asks for one constant's value. */
export function choiceQuestion(brief: Brief, terms: Terms): ParseResult<Question> {
  const all = findChoices(brief.files);
  const label = (choice: (typeof all)[number]) => choiceLabel(choice, all);
  const constants = brief.choices.map((choice) =>
    toLine(`${label(choice)} = ${choice.present} in ${choice.file}: ${choice.line.trim()}`, 160),
  );
  const [hot] = brief.hot;
  const tried = brief.history.filter(({ title }) => title.startsWith('Set ')).slice(-8);
  const past = tried.map(
    ({ title, outcome, ratio }) =>
      `${toLine(title)}: ${outcome}${ratio === null ? '' : `, ${gain(ratio, brief.goal)}`}`,
  );
  const needed: Part[] = [
    partOf('constants', `A program has these constants:\n${constants.join('\n')}`),
    partOf('hint', brief.hint ? hintPart(brief.hint).text : ''),
    partOf(
      'question',
      `Which constant should get which other value, so that the benchmark (${toLine(brief.goal.unit)}, ${brief.goal.better} is better) becomes better?`,
    ),
  ];
  const rest: Part[] = [
    partOf('hot code', hot?.name ? `Most of the time is spent in ${toLine(hot.name)} (${place(hot.file)}).` : ''),
    partOf('outcomes', list('Values tried before:', past)),
  ];
  const maxTokens = 64;
  const packed = pack(needed, rest, roomFor(terms, maxTokens));
  if (!packed.ok) return packed;
  const schema = {
    oneOf: brief.choices.map((choice) => ({
      type: 'object',
      properties: { constant: { const: label(choice) }, value: { enum: choice.values } },
      required: ['constant', 'value'],
      additionalProperties: false,
    })),
  };
  const files = brief.files.filter(({ path }) => all.some((choice) => choice.file === path));
  const shown: Shown = { form: 'choice', files, target: null };
  const system = 'You tune the performance of a program. Answer with one JSON object.';
  return { ok: true, value: questionOf(packed.value, { maxTokens, schema, shown, target: null }, system) };
}
