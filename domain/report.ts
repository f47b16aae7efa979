import type { IterationRecord, RecordedVerdict } from './record.ts';
import { oneLine } from './text.ts';

/** What the report says as data: the records as they stand in the ledger, and what follows from them. */
export interface Report {
  version: 1;
  loopId: string;
  iterations: number;
  committed: number;
  rolledBack: number;
  failed: number;
  tokens: number;
  /** The commit to use: the last accepted one, else the base. */
  champion: string | null;
  /** Product of the commits' reported ratios, below 1 is a gain; null without a commit. Not measured base against champion. */
  productRatio: number | null;
  models: string[];
  sandbox: IterationRecord['sandbox'][];
  records: IterationRecord[];
}

/** Sums up a loop. Records are taken in the order of their iterations. */
export function report(loopId: string, unordered: readonly IterationRecord[]): Report {
  const records = [...unordered].sort((a, b) => a.iteration - b.iteration);
  const count = (outcome: IterationRecord['outcome']) => records.filter((record) => record.outcome === outcome).length;
  const ratios = records.flatMap(({ outcome, verdict }) => (outcome === 'committed' && verdict ? [shownRatio(verdict)] : []));
  const commits = records.flatMap(({ outcome, candidate }) => (outcome === 'committed' && candidate?.commit ? [candidate.commit] : []));
  return {
    version: 1,
    loopId,
    iterations: records.length,
    committed: count('committed'),
    rolledBack: count('rolledBack'),
    failed: count('failed'),
    tokens: records.reduce((sum, { tokens }) => sum + tokens, 0),
    champion: commits.at(-1) ?? records.at(-1)?.champion ?? null,
    productRatio: ratios.length === 0 ? null : ratios.reduce((product, ratio) => product * ratio, 1),
    models: [...new Set(records.map(({ model }) => oneLine(model, 100)))],
    sandbox: [...new Set(records.map(({ sandbox }) => sandbox))],
    records,
  };
}

/** The report for people: every iteration with outcome, reason, gain and evidence, then the sums. */
export function renderReport(report: Report): string {
  if (report.records.length === 0) return `Loop ${report.loopId}: no iteration has ended yet.\n`;
  const parts = [`Loop ${report.loopId}`, table([header, ...report.records.map(row)]), details(report), sums(report)];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** "12.3 % better" or "3.1 % worse", in the metric's own direction; `ratio` below 1 is a gain. */
export function gain(ratio: number, better: 'lower' | 'higher'): string {
  const change = better === 'lower' ? 1 - ratio : 1 / ratio - 1;
  return `${percent(change)} ${change >= 0 ? 'better' : 'worse'}`;
}

/** The interval in the metric's own direction; an end that was never refuted is "not determined". */
export function intervalText([low, high]: RecordedVerdict['interval'], better: 'lower' | 'higher'): string {
  const side = (end: number) => {
    if (Math.abs(Math.log(end)) > intervalLimit) return 'not determined';
    const change = better === 'lower' ? 1 - end : 1 / end - 1;
    return `${change < 0 ? '-' : '+'}${percent(change)}`;
  };
  const sides = [side(high), side(low)];
  return sides.every((text) => text === 'not determined') ? 'not determined' : sides.join(' to ');
}

/** The rule searches the interval within exp(-5) and exp(5); an end there was not found. */
const intervalLimit = 5 - 1e-9;
const header = ['#', 'outcome', 'measured', '95 % interval', 'pairs', 'commit', 'hypothesis'];

function row({ iteration, outcome, reason, verdict, candidate, hypothesis }: IterationRecord): string[] {
  return [
    String(iteration),
    reason ? `${outcome}: ${reason}` : outcome,
    verdict ? gain(shownRatio(verdict), verdict.better) : '',
    verdict ? intervalText(verdict.interval, verdict.better) : '',
    verdict ? String(verdict.pairs) : '',
    candidate?.commit?.slice(0, 10) ?? '',
    hypothesis ? oneLine(hypothesis.title, 72) : '(none)',
  ];
}

function shownRatio({ reportedRatio, estimate }: RecordedVerdict): number {
  return reportedRatio ?? estimate;
}

/** The first line of what went wrong, where no measurement tells it. */
function details({ records }: Report): string {
  const lines = records.flatMap(({ iteration, outcome, detail, verdict }) => {
    const first = oneLine(detail.trim().split('\n')[0] ?? '', 120);
    return outcome === 'committed' || verdict || first === '' ? [] : [`  ${iteration}: ${first}`];
  });
  return lines.length === 0 ? '' : ['What was said:', ...lines].join('\n');
}

function sums(report: Report): string {
  const { records, committed, rolledBack, failed, productRatio } = report;
  const better = records.find(({ verdict }) => verdict)?.verdict?.better ?? 'lower';
  const total = productRatio === null ? 'no gain was proved' : `${gain(productRatio, better)} by the product of the commits' measured gains`;
  return [
    `Iterations: ${report.iterations} (${committed} committed, ${rolledBack} rolled back, ${failed} failed)`,
    `In total: ${total}`,
    `Champion: ${report.champion ?? 'none'}`,
    `Model: ${report.models.join(', ')} (${report.tokens} tokens)`,
    `Sandbox: ${report.sandbox.map((kind) => (kind === 'none' ? 'NONE: commands ran without a sandbox' : kind)).join(', ')}`,
  ].join('\n');
}

function table(rows: readonly string[][]): string {
  const widths = header.map((_title, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function percent(change: number): string {
  return `${Math.abs(change * 100).toFixed(1)} %`;
}
