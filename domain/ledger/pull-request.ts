import type { PickAnswer } from '../checks.ts';
import { fenced, quoteWords, toBlock, toLine, type CleanText } from '../text.ts';
import { gain, measuredText } from '../verdict/gain.ts';
import { code, commitTable, commitText, plain } from './commit-table.ts';
import type { IterationRecord } from './record.ts';

/** Text for a pull request of chosen commits: a title, each with its evidence, the gain of all, how to measure it again. */
export function pullRequest(picked: PickAnswer, records: readonly IterationRecord[]): CleanText {
  const { loopId, branch, commits, headToHead, sandbox, isGuarded } = picked;
  const { ratio, base, unit } = headToHead;
  const chosen = commits.flatMap(({ iteration }) => records.find((one) => one.iteration === iteration) ?? []);
  const inAll = measuredText(headToHead, headToHead);
  const others = chosen.length === 1 ? '' : ` and ${chosen.length - 1} more`;
  const passed = isGuarded ? 'tests and held-out tests' : 'tests';
  const again = [
    `git fetch origin ${quoteWords([`refs/karpathy-loop/${loopId}/ledger:refs/karpathy-loop/${loopId}/ledger`])}`,
    quoteWords(['karpathy-loop', 'verify', branch]),
    ...commits.map(({ iteration }) => quoteWords(['karpathy-loop', 'show', String(iteration), '--loop', loopId])),
  ];
  const parts = [
    `# ${code(chosen[0]?.hypothesis?.title ?? '')}${others}: ${gain(ratio, headToHead)} (${plain(toLine(unit, 40))})`,
    `**All together: ${inAll}, ${plain(toLine(unit, 40))}**: ${base.slice(0, 10)} against ${picked.commit.slice(0, 10)}, measured afresh once the ` +
      `commits stood alone on the base. All ${passed} of the base pass; everything ran ${sandbox === 'none' ? '**without a sandbox**' : 'in a sandbox'}.`,
    ...(picked.verdict === 'confirmed' ? [] : [`**Note:** ${verdictText(picked)}.`]),
    '## Commits',
    `Gains as they were measured when loop ${code(loopId)} committed them, each on the one before:`,
    commitTable(
      chosen,
      commits.map(({ commit }) => commit),
    ).join('\n'),
    ...chosen.map(commitText),
    '## Measure it again',
    fenced(again.join('\n')),
  ];
  return toBlock(`${parts.join('\n\n')}\n`, Infinity);
}

/** What the interval of all commits together shows. */
export function verdictText({ verdict }: Pick<PickAnswer, 'verdict'>): string {
  const texts: Record<PickAnswer['verdict'], string> = {
    confirmed: 'a gain: the interval holds no other value',
    'not confirmed': 'no gain: the interval holds no value that is one',
    undetermined: 'the interval holds both gain and loss',
  };
  return texts[verdict];
}
