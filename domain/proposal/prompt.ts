import type { ParseResult } from '../config/problems.ts';
import type { Brief, BriefedCode } from './brief.ts';
import { formFor, type Form, type Shown } from './form.ts';
import { targetName } from './memory.ts';
import { choiceQuestion } from './question/choice.ts';
import { pack } from './question/pack.ts';
import {
  askPart,
  goalPart,
  headPart,
  hintPart,
  hotPart,
  patternPart,
  previousPart,
  restOf,
  type Subject,
} from './question/parts.ts';
import { questionOf, roomFor, type Question, type Terms } from './question/question.ts';
import { countTokens } from './question/tokens.ts';
import { wordsFor, type Idea } from './wording.ts';

export type { Question } from './question/question.ts';

/** Room for title, reason and fences. */
const proseTokens = 256;
const nothingToShow = 'editable: no file of it is text that fits; give others, or smaller ones';
/** Length of a file that is shown and written whole though a function of it is known. */
const shortFileTokens = 400;

/**
 * Asks for the first hot code that fits the context, or for a constant's value. Where nothing fits, names the part.
 */
export function toQuestion(brief: Brief, terms: Terms): ParseResult<Question> {
  if (terms.form === 'choice' && brief.choices.length > 0) return choiceQuestion(brief, terms);
  const form =
    terms.form === 'choice'
      ? 'rewrite'
      : formFor(
          terms.form,
          brief.history.map(({ outcome }) => outcome),
        );
  const tries = brief.hot.map((code) => () => codeQuestion(brief, { ...terms, form }, code));
  // A function that is too long to be written anew can still be edited.
  if (form === 'rewrite')
    tries.push(...brief.hot.map((code) => () => codeQuestion(brief, { ...terms, form: 'blocks' }, code)));
  let first: ParseResult<Question> = { ok: false, problems: [nothingToShow] };
  for (const [at, ask] of tries.entries()) {
    const asked = ask();
    if (asked.ok) return asked;
    if (at === 0) first = asked;
  }
  return first;
}

function codeQuestion(brief: Brief, terms: Terms, code: BriefedCode): ParseResult<Question> {
  const { form, scale = 1 } = terms;
  const { aim } = brief.goal;
  const idea = ideaOf(brief, form === 'rewrite' && code.head !== null);
  const subject = idea === 'fresh' ? { code, isWhole: false, text: code.code } : subjectOf(brief, code);
  const byLength = Math.ceil(countTokens(subject.text) * (form === 'rewrite' ? 1.5 : 0.75) * scale) + proseTokens;
  const maxTokens = terms.answerTokens ?? byLength;
  const needed = [
    goalPart(brief, code),
    idea === 'fresh' ? headPart(code, aim) : hotPart(subject, aim),
    ...(form === 'blocks' ? patternPart(code) : []),
    ...(brief.hint ? [hintPart(brief.hint)] : []),
    ...(brief.previous ? [previousPart(brief.previous, brief.files)] : []),
    askPart(form, subject, idea, aim),
  ];
  const packed = pack(needed, restOf(brief, subject), roomFor(terms, maxTokens));
  if (!packed.ok) return packed;
  const bounds = { maxTokens, schema: null, shown: shownOf(brief, form, subject), target: targetName(code) };
  return { ok: true, value: questionOf(packed.value, bounds, wordsFor(aim).system) };
}

/** A file is shown whole where that costs little, or no function of it is known. */
function subjectOf({ files }: Brief, code: BriefedCode): Subject {
  const { content } = files.find(({ path }) => path === code.file)!;
  const isWhole = code.name === null || countTokens(content) <= shortFileTokens;
  return { code, isWhole, text: isWhole ? content : code.code };
}

function shownOf({ files }: Brief, form: Form, { code, isWhole }: Subject): Shown {
  const { file, name, range, callers, callees } = code;
  const related = new Set([file, ...(form === 'blocks' ? [...callers, ...callees].map((one) => one.file) : [])]);
  const target = { file, function: isWhole ? null : { name: name!, ...range } };
  return { form, files: files.filter(({ path }) => related.has(path)), target: form === 'rewrite' ? target : null };
}

/** Taken in turn, for each iteration and for each further question of it; a repair sees the code. */
function ideaOf({ seed, previous }: Brief, isDocumented: boolean): Idea {
  const turn = Math.floor(seed / 1_000) + (seed % 1_000);
  const ideas: readonly Idea[] = isDocumented && previous === null ? ['fresh', 'bold', 'safe'] : ['bold', 'safe'];
  return ideas[turn % ideas.length]!;
}
