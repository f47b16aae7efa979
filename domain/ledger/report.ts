import type { RecordedVerdict } from '../verdict/decision.ts';
import { gain, intervalText, suretyText } from '../verdict/gain.ts';
import { openedFiles, uncheckedOutput } from '../benchmark/findings.ts';
import type { NotMeasured } from '../verdict/head-to-head.ts';
import type { Plan } from '../config/plan.ts';
import type { IterationRecord } from './record.ts';
import { costLines } from './cost.ts';
import { sandboxText } from './reason-text.ts';
import { screenedText } from './screened.ts';
import { coverageText } from '../replay/coverage.ts';
import type { EarlierIterations, HeadToHead } from '../steps.ts';
import { sumRecords } from './totals.ts';
import { toBlock, toLine, type CleanLine, type CleanText } from '../text.ts';

/** The report as data: the records, and their sums. */
export interface Report extends Pick<EarlierIterations, 'committed' | 'rolledBack' | 'failed' | 'tokens'> {
  version: 1;
  loopId: string;
  iterations: number;
  /** The commit to use: the last one, else the base. */
  champion: string | null;
  /** The headline: base against this champion, measured afresh; null where that was not measured. */
  headToHead: HeadToHead | null;
  /** Why not, where that is known; else null. */
  notMeasured: CleanLine | null;
  models: CleanLine[];
  sandbox: IterationRecord['sandbox'][];
  /** False where nothing compared what was computed; null where the plan is not known. */
  isOutputChecked: boolean | null;
  /** Files with protected names that candidates might change. */
  unprotected: string[];
  records: IterationRecord[];
}

/** Sums up a loop's records, in any order; a head-to-head of another champion than theirs is out of date. */
export function report(
  loopId: string,
  unordered: readonly IterationRecord[],
  headToHead: HeadToHead | NotMeasured | null,
  plan: Pick<Plan, 'config'> | null = null,
): Report {
  const records = [...unordered].sort((a, b) => a.iteration - b.iteration);
  const { committed, rolledBack, failed, tokens } = sumRecords(records);
  const commits = records.flatMap(({ candidate }) => candidate?.commit ?? []);
  const champion = commits.at(-1) ?? records.at(-1)?.champion ?? null;
  const ofChampion = headToHead?.champion === champion ? headToHead : null;
  return {
    version: 1,
    loopId,
    iterations: records.length,
    committed,
    rolledBack,
    failed,
    tokens,
    champion,
    headToHead: ofChampion && !('problem' in ofChampion) ? ofChampion : null,
    notMeasured: ofChampion && 'problem' in ofChampion ? toLine(ofChampion.problem, 400) : null,
    models: [...new Set(records.map(({ model }) => model))],
    sandbox: [...new Set(records.map(({ sandbox }) => sandbox))],
    isOutputChecked: plan && plan.config.benchmark.output !== undefined,
    unprotected: plan?.config.unprotected ?? [],
    records,
  };
}

/** The report for people: every iteration with outcome, reason, gain and evidence, then the sums. */
export function renderReport(report: Report): CleanText {
  if (report.records.length === 0) return toBlock(`Loop ${report.loopId}: no iteration has ended yet.\n`);
  const cells = report.records.map(row);
  const rows = table([header, ...cells]);
  const open = cells.some((one) => one[3]!.includes('not determined')) ? notDetermined : '';
  const parts = [
    `Loop ${report.loopId}`,
    rows,
    open,
    details(report),
    uncovered(report),
    replays(report),
    screenings(report),
    sums(report),
  ];
  return toBlock(`${parts.filter(Boolean).join('\n\n')}\n`, Infinity);
}

const notDetermined =
  'not determined: so few pairs rule out no value on that side; an early end costs the interval, not the verdict';

const header = ['#', 'outcome', 'measured', '95 % interval', 'pairs', 'commit', 'hypothesis'];

function row(record: IterationRecord): string[] {
  const { iteration, outcome, reason, verdict, candidate, hypothesis } = record;
  const inBrackets = (text: string) => (isOverruled(record) ? `(${text})` : text);
  return [
    String(iteration),
    reason ? `${outcome}: ${reason}` : outcome,
    verdict ? inBrackets(gain(verdict.reported.ratio, verdict)) : '',
    verdict ? inBrackets(intervalText(verdict.reported.interval, verdict)) : '',
    verdict ? pairsText(verdict) : '',
    candidate?.commit?.slice(0, 10) ?? '',
    hypothesis ? toLine(hypothesis.title, 72) : '(none)',
  ];
}

/** "12 + 8": pairs of the decision, and the fresh ones that the gain and its interval are of. */
export function pairsText({ pairs, reported }: RecordedVerdict): string {
  return reported.pairs === pairs ? String(pairs) : `${pairs} + ${reported.pairs}`;
}

/** Finds records that were accepted by their pairs and still not committed: their gain is shown in brackets. */
export function isOverruled({ outcome, verdict }: IterationRecord): boolean {
  return outcome !== 'committed' && verdict?.verdict === 'accepted';
}

/** The first line of what went wrong, where no measurement tells it. */
function details({ records }: Report): string {
  const lines = records.flatMap((record) => {
    const first = toLine(record.detail.trim().split('\n')[0]!, 400);
    const isMeasured = record.verdict && !isOverruled(record) && record.reason !== 'uncorroborated';
    const isTold = record.outcome === 'committed' || isMeasured;
    return isTold || first === '' ? [] : [`  ${record.iteration}: ${first}`];
  });
  return lines.length === 0 ? '' : ['What was said:', ...lines].join('\n');
}

/** What of an accepted candidate's edit was called on the same inputs as the base's. */
function replays({ records }: Report): string {
  const lines = records.flatMap(({ iteration, reason, replay }) =>
    replay && replay.edited > 0 ? [`  ${iteration}: ${coverageText(replay, reason === 'behaviour-changed')}`] : [],
  );
  return lines.length === 0 ? '' : ['Replay check:', ...lines].join('\n');
}

/** Edits of which the tests prove nothing: they passed over a break in them, on the base too. */
function uncovered({ records }: Report): string {
  const lines = records.flatMap(({ iteration, outcome, broken }) =>
    outcome === 'committed' && broken?.notCovered.length
      ? [`  ${iteration}: ${toLine(broken.notCovered.join(', '), 400)}`]
      : [],
  );
  return lines.length === 0 ? '' : ['Committed, though no test notices when it is broken:', ...lines].join('\n');
}

/** Answers that got no verdict: how far they came. Their pairs are no evidence. */
function screenings({ records }: Report): string {
  const lines = records.flatMap(({ iteration, screened }) =>
    screened?.length ? [`  ${iteration}: ${screenedText(screened)}`] : [],
  );
  if (lines.length === 0) return '';
  const all = records.flatMap(({ screened = [] }) => screened);
  return ['Answers without a verdict, and how far they came:', ...lines, `  all: ${screenedText(all)}`].join('\n');
}

function sums(report: Report): string {
  const { committed, rolledBack, failed } = report;
  return [
    `Iterations: ${report.iterations} (${committed} committed, ${rolledBack} rolled back, ${failed} failed)`,
    `In total: ${headline(report)}`,
    `Champion: ${report.champion ?? 'none'}`,
    `Model: ${report.models.join(', ')} (${report.tokens} tokens)`,
    ...costLines(report.records, report.headToHead),
    `Sandbox: ${report.sandbox.map(sandboxText).join(', ')}`,
    ...(report.isOutputChecked === false ? [`Output: ${uncheckedOutput}`] : []),
    ...(report.unprotected.length > 0 ? [`Files: ${toLine(openedFiles(report.unprotected), 400)}`] : []),
  ].join('\n');
}

/** Never the product of what the commits claim: their errors would add up. */
export function headline({ committed, headToHead, notMeasured }: Report): string {
  if (committed === 0) return 'no gain was proved';
  const why = notMeasured === null ? ' (the loop goes on, or was stopped at once)' : `: ${notMeasured}`;
  if (!headToHead) return `not measured, base against champion${why}`;
  const { ratio, unit, pairs, interval } = headToHead;
  const measured = `base against champion measured afresh over ${pairs} pairs`;
  return `${gain(ratio, headToHead)} (${toLine(unit)}), ${measured}, ${suretyText(interval, headToHead)}`;
}

/** Puts cells in columns, each as wide as its longest. @param rows the first has a cell for every column */
export function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const padded = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column]!)));
  return padded.map((cells) => cells.join('  ').trimEnd()).join('\n');
}
