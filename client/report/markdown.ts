import { headline, isOverruled, pairsText } from '../../domain/ledger/report.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { costLines } from '../../domain/ledger/cost.ts';
import { fenced, toBlock, toLine, type CleanText } from '../../domain/text.ts';
import { gain, intervalText } from '../../domain/verdict/gain.ts';
import { coverageText } from '../../domain/replay/coverage.ts';
import { uncheckedOutput } from '../../domain/benchmark/findings.ts';
import { nextCommands, type ReportFacts } from './read-report.ts';

/** Text for a pull request: what was gained, each commit with its evidence, how to measure it again. */
export function reportMarkdown(facts: ReportFacts): CleanText {
  const { report, plan } = facts;
  const { records, loopId, committed, rolledBack, failed, iterations, models, sandbox } = report;
  const commits = records.filter(({ outcome }) => outcome === 'committed');
  const next = nextCommands(facts);
  const parts = [
    `## ${report.headToHead ? plain(headline(report)) : committed === 0 ? 'No gain was proved' : `${committed} proved gains`}`,
    report.headToHead === null && committed > 0 ? `In total: ${plain(headline(report))}.` : '',
    `${iterations} iterations of the loop ${code(loopId)}: ${committed} committed, ${rolledBack} rolled back, ${failed} failed. ` +
      `Proposed by ${models.map(code).join(', ')}; ${sandbox.includes('none') ? '**without a sandbox**' : 'in a sandbox'}.` +
      (plan
        ? ` Each commit was accepted with a chance of at most ${Number(plan.alpha.toPrecision(2))} that it is no gain.`
        : ''),
    report.isOutputChecked === false ? `**Note:** ${uncheckedOutput}` : '',
    commits.length > 0 ? ['### Commits', '', ...commitTable(commits)].join('\n') : '',
    ...commits.map(commitText),
    refusedText(records),
    next ? ['### Measure it again', '', fenced([...next.look, ...next.verify].join('\n'))].join('\n') : '',
    costLines(records, report.headToHead).length > 0
      ? ['### Cost', '', ...costLines(records, report.headToHead).map((one) => `- ${one.trim()}`)].join('\n')
      : '',
  ];
  return toBlock(`${parts.filter(Boolean).join('\n\n')}\n`, Infinity);
}

function commitTable(commits: readonly IterationRecord[]): string[] {
  return [
    '| # | commit | gain | 95 % interval | pairs | what |',
    '|---|---|---|---|---|---|',
    ...commits.map(({ iteration, candidate, verdict, hypothesis }) => {
      const told = verdict
        ? [gain(verdict.reported.ratio, verdict), intervalText(verdict.reported.interval, verdict), pairsText(verdict)]
        : ['', '', ''];
      const cells = [String(iteration), (candidate?.commit ?? '').slice(0, 10), ...told, code(hypothesis?.title ?? '')];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  ];
}

/** Why it is faster, in the words of who proposed it, and what was checked. */
function commitText({ iteration, hypothesis, replay, broken, screened }: IterationRecord): string {
  const rationale = hypothesis?.rationale.trim() ?? '';
  const facts = [
    ...(hypothesis?.files.length ? [`Files: ${hypothesis.files.map(code).join(', ')}`] : []),
    ...(replay && replay.edited > 0 ? [`Replay check: ${code(coverageText(replay, false))}`] : []),
    ...(broken?.notCovered.length
      ? [`No test notices when it is broken: ${broken.notCovered.map(code).join(', ')}`]
      : []),
    ...(screened?.length ? [`Answers without a verdict beside it: ${screened.length}`] : []),
  ];
  const lines = facts.map((fact) => `- ${fact}`);
  return [`#### ${iteration}: ${code(hypothesis?.title ?? '')}`, rationale && fenced(rationale), lines.join('\n')]
    .filter(Boolean)
    .join('\n\n');
}

/** A gain that the pairs showed and a later check refused is worth a reader's look. */
function refusedText(records: readonly IterationRecord[]): string {
  const lines = records.filter(isOverruled).map(({ iteration, reason, verdict, hypothesis }) => {
    const measured = verdict ? gain(verdict.reported.ratio, verdict) : '';
    return `- ${iteration}: ${code(hypothesis?.title ?? '')}, ${measured}, ${reason ?? ''}`;
  });
  return lines.length === 0 ? '' : ['### Measured as a gain, and still refused', '', ...lines].join('\n');
}

/** Foreign text in it may be a unit or an error. */
function plain(text: string): string {
  return /[@#<>[\]`|*_\\!]/.test(text) ? code(text) : text;
}

/** As code, foreign text makes no link, no mention and no HTML. */
export function code(text: string): string {
  const line = toLine(text, 300);
  if (line === '') return '';
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}
