import { coverageText } from '../replay/coverage.ts';
import { fenced, toLine } from '../text.ts';
import { gain, intervalText } from '../verdict/gain.ts';
import type { IterationRecord } from './record.ts';
import { pairsText } from './report.ts';

/** Lists commits with what each was measured to gain, as a table of Markdown. @param shas others than in the records */
export function commitTable(commits: readonly IterationRecord[], shas?: readonly string[]): string[] {
  return [
    '| # | commit | gain | 95 % interval | pairs | what |',
    '|---|---|---|---|---|---|',
    ...commits.map(({ iteration, candidate, verdict, hypothesis }, at) => {
      const sha = shas?.[at] ?? candidate?.commit ?? '';
      const terms = verdict && [
        gain(verdict.reported.ratio, verdict),
        intervalText(verdict.reported.interval, verdict),
        pairsText(verdict),
      ];
      const cells = [String(iteration), sha.slice(0, 10), ...(terms ?? ['', '', '']), code(hypothesis?.title ?? '')];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  ];
}

/** Tells of one commit in Markdown why it should help, in the words of who proposed it, and what was checked. */
export function commitText({ iteration, hypothesis, replay, broken, screened }: IterationRecord): string {
  const rationale = hypothesis?.rationale.trim() ?? '';
  const facts = [
    ...(hypothesis?.files.length ? [`Files: ${hypothesis.files.map(code).join(', ')}`] : []),
    ...(replay && replay.edited > 0 ? [`Replay check: ${code(coverageText(replay, false))}`] : []),
    ...(broken?.notCovered.length
      ? [`No test notices when it is broken: ${broken.notCovered.map(code).join(', ')}`]
      : []),
    ...(screened?.length ? [`Answers without a verdict beside it: ${screened.length}`] : []),
  ];
  const lines = facts.map((fact) => `- ${fact}`).join('\n');
  const title = `#### ${iteration}: ${code(hypothesis?.title ?? '')}`;
  return [title, rationale && fenced(rationale), lines].filter(Boolean).join('\n\n');
}

/** Foreign text in it, such as a unit or an error, makes nothing either. */
export function plain(text: string): string {
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
