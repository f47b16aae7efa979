import { coverageText } from '../replay/coverage.ts';
import { bar, type RecordedVerdict } from '../verdict/decision.ts';
import { gain } from '../verdict/gain.ts';
import type { MeasuredPair } from '../verdict/pair.ts';
import { toBlock, toLine, type CleanText } from '../text.ts';
import type { Asked, AskedQuestion } from './asked.ts';
import { outcomeText, sandboxText } from './reason-text.ts';
import type { Evidence, IterationRecord } from './record.ts';
import { table } from './report.ts';
import { screenedText } from './screened.ts';
import { timeText } from './spent.ts';

/** All that the ledger has of one iteration. */
export interface WholeRecord {
  record: IterationRecord;
  /** From the champion to the candidate; null where nothing was applied. */
  diff: string | null;
  /** Null where nothing was measured. */
  evidence: Evidence | null;
  /** Null where nobody was asked, or another worker was than the one that wrote the record. */
  asked: Asked | null;
}

/** Facts of an iteration in plain words, as rows of name and text: outcome, figures and costs. */
function iterationRows(record: IterationRecord, unit: string): [name: string, text: string][] {
  const { hypothesis, candidate, verdict, detail, replay, broken, screened, failedTests } = record;
  const rows: [string, string | undefined][] = [
    ['outcome', outcomeText(record.outcome, record.reason)],
    ['title', hypothesis?.title],
    ['why', hypothesis?.rationale],
    ['target', hypothesis?.target],
    ['files', hypothesis?.files.join(', ')],
    ['detail', detail],
    ['measured', verdict ? `${verdict.reported.text}, ${unit}` : 'nothing'],
    ['decision', verdict ? decisionText(verdict) : undefined],
    ['tests', failedTests?.names.length ? `failed: ${failedTests.names.join(', ')}` : undefined],
    ['replay', replay && replay.edited > 0 ? coverageText(replay, record.reason === 'behaviour-changed') : undefined],
    ['unnoticed', broken?.notCovered.length ? `when broken, by its tests: ${broken.notCovered.join(', ')}` : undefined],
    ['screened', screened?.length ? screenedText(screened) : undefined],
    ['cost', costText(record)],
    ['source', record.model],
    ['champion', record.champion],
    ['commit', candidate?.commit ?? undefined],
    ['begun', record.startedAt],
    ['sandbox', sandboxText(record.sandbox)],
  ];
  return rows.flatMap(([name, text]) => (text ? [[name, text.trim()]] : []));
}

/** "accepted after 12 pairs, 8 fresh ones give the gain": how the rule ended, and by how many pairs. */
function decisionText(verdict: RecordedVerdict): string {
  const { pairs, reported, alpha } = verdict;
  const after = `after ${pairs} ${pairs === 1 ? 'pair' : 'pairs'}`;
  const fresh = reported.pairs === pairs ? '' : `, ${reported.pairs} fresh ones give the gain`;
  const needed = gain(bar(verdict), verdict);
  const texts: Record<RecordedVerdict['verdict'], string> = {
    accepted: `accepted ${after}${fresh}; a change without any gain is with a chance of at most ${alpha}`,
    contradicted: `accepted ${after}, and taken back: ${reported.pairs} fresh ones do not show ${needed}`,
    rejected: `given up ${after}: ${needed} is not to be expected`,
    undecided: `undecided ${after}`,
    continue: `ended ${after}, before there was a verdict`,
  };
  return texts[verdict.verdict];
}

function costText({ attempts, tokens, seconds, spent }: IterationRecord): string {
  const parts = spent && `model ${timeText(spent.model)}, benchmark ${timeText(spent.benchmark)}`;
  const waiting = spent && spent.waiting >= 1 ? `; beside it ${timeText(spent.waiting)} waiting for the machine` : '';
  const time = seconds === undefined ? '' : `, ${timeText(seconds)}${parts ? ` (${parts})` : ''}${waiting}`;
  return `${attempts} ${attempts === 1 ? 'hypothesis' : 'hypotheses'} asked for, ${tokens} tokens${time}`;
}

/** Parts of a record that are long. */
const longParts = ['diff', 'pairs', 'asked'] as const;
export type LongPart = (typeof longParts)[number];

/** The record for people, with all of its long parts or some. */
export function renderIteration(
  { record, diff, evidence, asked }: WholeRecord,
  parts: readonly LongPart[] = longParts,
): CleanText {
  const { loopId, iteration } = record;
  const unit = toLine(evidence?.unit ?? '') || 'in the unit of the metric';
  const rows = iterationRows(record, unit).map(([name, text]) => {
    const [first = '', ...rest] = text.split('\n');
    return [`${name.padEnd(9)} ${first}`, ...rest.map((line) => `${' '.repeat(10)}${line}`)].join('\n');
  });
  const sections: [string, string | null][] = [
    ...(parts.includes('diff') ? [['diff', diff] as [string, string | null]] : []),
    ...(parts.includes('pairs') ? [['pairs', evidence && pairsTable(evidence)] as [string, string | null]] : []),
    ...(parts.includes('asked') ? askedSections(record, asked) : []),
  ];
  const texts = sections.flatMap(([title, text]) => (text ? [`--- ${title}\n${text.trimEnd()}`] : []));
  const head = [`iteration ${iteration} of loop ${loopId}`, ...rows].join('\n');
  return toBlock(`${[head, ...texts].join('\n\n')}\n`, Infinity);
}

function askedSections({ model }: IterationRecord, asked: Asked | null): [string, string][] {
  const none = `not in the record: ${model} was asked nothing for this iteration, or on a host that was lost`;
  if (!asked) return [['prompt and answer', none]];
  const sections = asked.questions.flatMap((one): [string, string][] => {
    const name = questionName(one);
    return [
      ...(one.system === null ? [] : [[`system${name}`, one.system] as [string, string]]),
      [`prompt${name}`, one.prompt],
      [`answer${name}`, [one.problem, one.answer].filter(Boolean).join('\n') || 'it is empty'],
    ];
  });
  const { leftOut } = asked;
  return leftOut > 0 ? [...sections, ['further questions', `${leftOut}, which had no room in the record`]] : sections;
}

function questionName({ attempt, sample, isAgain }: AskedQuestion): string {
  const parts = [
    attempt > 0 && `repair ${attempt}`,
    sample > 0 && `sample ${sample + 1}`,
    isAgain && 'asked again, as the answer could not be read',
  ].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

function pairsTable({ pairs, fresh }: Evidence): string {
  return table([
    ['', 'champion', 'candidate', 'candidate / champion', 'first'],
    ...pairs.map((one, at) => pairRow(one, String(at + 1))),
    ...fresh.map((one, at) => pairRow(one, `fresh ${at + 1}`)),
  ]);
}

function pairRow({ pair: [champion, candidate], first }: MeasuredPair, name: string): string[] {
  const ratio = champion === 0 ? '' : (candidate / champion).toFixed(4);
  return [name, ...[champion, candidate].map((value) => String(Number(value.toPrecision(8)))), ratio, first];
}
