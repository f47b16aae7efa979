import { code, commitTable, commitText, plain } from '../../domain/ledger/commit-table.ts';
import { headline, isOverruled } from '../../domain/ledger/report.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { costLines } from '../../domain/ledger/cost.ts';
import { fenced, toBlock, type CleanText } from '../../domain/text.ts';
import { gain } from '../../domain/verdict/gain.ts';
import { uncheckedOutput } from '../../domain/benchmark/findings.ts';
import { nextCommands, type ReportFacts } from './read-report.ts';

/** Text for a pull request: what was gained, each commit with its evidence, how to measure it again. */
export function reportMarkdown(facts: ReportFacts): CleanText {
  const { report, plan } = facts;
  const { records, loopId, committed, rolledBack, failed, iterations, models, sandbox } = report;
  const commits = records.filter(({ outcome }) => outcome === 'committed');
  const next = nextCommands(facts);
  const costs = costLines(records, report.headToHead);
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
    costs.length > 0 ? ['### Cost', '', ...costs.map((one) => `- ${one.trim()}`)].join('\n') : '',
  ];
  return toBlock(`${parts.filter(Boolean).join('\n\n')}\n`, Infinity);
}

/** A gain that the pairs showed and a later check refused is worth a reader's look. */
function refusedText(records: readonly IterationRecord[]): string {
  const lines = records.filter(isOverruled).map(({ iteration, reason, verdict, hypothesis }) => {
    const measured = verdict ? gain(verdict.reported.ratio, verdict) : '';
    return `- ${iteration}: ${code(hypothesis?.title ?? '')}, ${measured}, ${reason ?? ''}`;
  });
  return lines.length === 0 ? '' : ['### Measured as a gain, and still refused', '', ...lines].join('\n');
}
