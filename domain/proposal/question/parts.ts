import { toBlock, toLine } from '../../text.ts';
import { bar } from '../../verdict/decision.ts';
import { gain, percent } from '../../verdict/gain.ts';
import type { Brief, BriefedCode } from '../brief.ts';
import type { Form } from '../form.ts';
import { targetName, triedOn } from '../memory.ts';
import { patternsFor } from '../patterns.ts';
import { nearestText } from '../repair.ts';
import { fill, placeOf, wording, wordsFor, type Aim, type Idea } from '../wording.ts';
import type { Part } from './pack.ts';
import { fenceWord, list, place, shown } from './quote.ts';

/** Subject of a question. */
export interface Subject {
  code: BriefedCode;
  /** The code itself, or its whole file. */
  text: string;
  isWhole: boolean;
}

/** A part at its place in the order of the words' file. */
export function partOf(name: string, text: string): Part {
  return { name, place: placeOf(name), text };
}

export function goalPart({ goal }: Brief, code: BriefedCode): Part {
  const bound = gain(bar(goal), goal);
  const sides = goal.sideMetrics.map(
    ({ name, worstAllowed }) => `${toLine(name)} (at most ${percent(worstAllowed)} worse)`,
  );
  const lines = [
    `Goal: make the benchmark (${toLine(goal.unit)}, ${goal.better} is better) at least ${bound}.`,
    ...code.runtime.map((line) => toLine(line)),
    ...(sides.length > 0 ? [`Beside it are measured: ${sides.join(', ')}.`] : []),
    'Tests and benchmark stay as they are.',
  ];
  return partOf('goal', lines.join('\n'));
}

export function hotPart({ code, text, isWhole }: Subject, aim: Aim): Part {
  const { name, file, lines, share, calls } = code;
  const facts = [
    share !== null && `${percent(share, 0)} of the time`,
    calls !== undefined && `called ${calls} times`,
  ].filter(Boolean);
  const told = facts.length > 0 ? ` (${facts.join(', ')})` : '';
  const hot = name === null ? '' : `${toLine(name, 120)}, line ${lines[0]}`;
  const where = isWhole
    ? `the file ${place(file)}${name === null ? told : `, above all ${hot}${told}`}`
    : `${toLine(name!, 120)} in ${place(file)}, line ${lines[0]}${told}`;
  return partOf(
    'hot code',
    `Code to make ${aim === 'speed' ? 'faster' : 'better'}: ${where}:\n${shown(text, code.language)}`,
  );
}

/** A function whose body is left out on purpose: a small model copies what it sees. */
export function headPart({ name, file, lines, head, language }: BriefedCode, aim: Aim): Part {
  const where = `${toLine(name!, 120)} in ${place(file)}, line ${lines[0]}`;
  const text = `Function to write: ${where}. Its present body${aim === 'speed' ? ' is slow and' : ' is'} left out:\n${shown(head!, language)}`;
  return partOf('hot code', text);
}

/** One known way that the code's text suggests; small models were harmed by it (docs/models.md), so large ones alone get it. */
export function patternPart({ code, language }: BriefedCode): Part[] {
  const [pattern] = patternsFor(code, language ?? '');
  return pattern ? [partOf('pattern', fill(wording.pattern, { advice: pattern.advice }))] : [];
}

/** Parts that may be left out, in order of worth. */
export function restOf(brief: Brief, { code, isWhole }: Subject): Part[] {
  const { file, language } = code;
  const block = (title: string, text: string, word = language) => (text === '' ? '' : `${title}\n${shown(text, word)}`);
  const isNew = (one: { file: string }) => !isWhole || one.file !== file;
  const related = (how: string, one: BriefedCode['callers'][number]) =>
    block(`${how} ${toLine(one.name, 120)} (${place(one.file)}, line ${one.line}):`, one.code);
  const tried = triedOn(targetName(code), brief.history, brief.goal);
  const outcomes = (from: number, to: number) => list('Tried on it before, do not repeat:', tried.slice(from, to));
  const others = brief.hot.filter((other) => other !== code && isNew(other)).slice(0, 4);
  return [
    partOf('last outcome', outcomes(0, 1)),
    ...code.benchmark.map((one) => partOf('benchmark', block(`The benchmark, ${place(one.file)}:`, one.code))),
    ...code.callers.filter(isNew).map((one) => partOf('caller', related('It is called by', one))),
    ...code.callees.filter(isNew).map((one) => partOf('callee', related('It calls', one))),
    partOf('constants', isWhole ? '' : block('It uses:', code.constants.join('\n'))),
    partOf('outline', isWhole ? '' : block(`Functions of ${place(file)}, by line:`, code.outline, null)),
    partOf(
      'removed lines',
      block('Lines that earlier commits removed; do not bring them back:', code.removed.join('\n')),
    ),
    partOf('more outcomes', outcomes(1, 7)),
    partOf('other hot code', list('Hot too:', others.map(otherHot))),
  ];
}

function otherHot({ name, file, lines, share }: BriefedCode): string {
  return `${toLine(name ?? file)} in ${place(file)}, line ${lines[0]}${share === null ? '' : ` (${percent(share, 0)})`}`;
}

export function hintPart(hint: string): Part {
  return partOf('hint', `A person who knows this program says: ${toLine(hint, 500)}`);
}

export function previousPart(
  { hypothesis, reason, detail }: NonNullable<Brief['previous']>,
  files: Brief['files'],
): Part {
  const edits = hypothesis.edits.map((edit) => ('content' in edit ? edit.content : edit.replace)).join('\n…\n');
  const text = [
    `Your last answer, "${toLine(hypothesis.title)}", failed (${reason.replaceAll('-', ' ')}). It wrote:`,
    shown(toBlock(edits, 4_000), null),
    'What came of it:',
    shown(toBlock(detail, 2_000), null),
    reason === 'edit-refused' ? nearestText(hypothesis.edits, files) : '',
    'Correct that.',
  ];
  return partOf('last answer', text.filter(Boolean).join('\n'));
}

export function askPart(form: Form, { code, isWhole }: Subject, idea: Idea, aim: Aim): Part {
  const values = {
    name: toLine(code.name ?? code.file, 120),
    file: place(code.file),
    language: fenceWord(code.language),
  };
  const kind = form === 'blocks' ? 'blocks' : isWhole ? 'file' : 'function';
  const { ideas, keep } = wordsFor(aim);
  const text = `${ideas[idea]} ${keep}\n${fill(wording.answer[kind], values)}`;
  return partOf('question', text);
}
