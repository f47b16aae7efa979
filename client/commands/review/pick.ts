import { existsSync, realpathSync } from 'node:fs';
import type { Command } from 'commander';
import type { PickAnswer, PickInput } from '../../../domain/checks.ts';
import { allBut, chosenCommits } from '../../../domain/ledger/chosen.ts';
import { pullRequest, verdictText } from '../../../domain/ledger/pull-request.ts';
import { sandboxText } from '../../../domain/ledger/reason-text.ts';
import { workflowTypes } from '../../../domain/names.ts';
import { line, quoteWords, toBlock, toJsonLine, type CleanText } from '../../../domain/text.ts';
import { measuredText } from '../../../domain/verdict/gain.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { readLedgerOf } from '../../loops/ledgers.ts';
import { runCheckHere } from '../../loops/run-check.ts';
import { addAllowFlags, type AllowFlags } from '../../loops/run-settings.ts';
import { noLedger, whichLedger } from '../../loops/which-ledger.ts';
import { CommandError } from '../../terminal/command-error.ts';
import { print } from '../../terminal/progress.ts';
import { verdictCodes } from '../verify.ts';
import { addLedgerFlags, toIteration, type LedgerFlags } from './show.ts';

interface PickFlags extends LedgerFlags, AllowFlags {
  branch?: string;
  markdown?: true;
}

/** A default name of more characters could be too long for a file system. */
const maxBranch = 150;

/** Defines `pick` or `revert`, by the command's name: to leave one out is to pick the others. */
export function define(command: Command): void {
  const isPick = command.name() === 'pick';
  command.argument(isPick ? '<iterations...>' : '<iteration>', isPick ? 'numbers of committed ones' : 'its number');
  addLedgerFlags(addAllowFlags(command))
    .option('--branch <name>', `the new branch (default: the loop's with "-${isPick ? 'pick-2-5' : 'without-4'}")`)
    .option('--markdown', 'print the text for a pull request; progress goes to standard error')
    .option('--json', 'print commits, gain and samples as JSON; progress goes to standard error')
    .addHelpText(
      'after',
      `
The commits are made anew on the loop's base, one by one in the loop's order. Together they have to pass the base's tests,
and the held-out ones; then base and tip are measured in 20 fresh pairs (exact metrics: one, and one that confirms), and
the branch is made. Nothing is removed or moved. A commit that does not apply without the others, or a failing test, ends
it, and nothing is left behind. The same choice again makes the same commits and tells the same pairs.
Where no server or worker runs, it starts them, as "run" does.
Exit codes: 0 a gain, 1 refused or failed, 2 wrong command line, 3 no sandbox, 4 no gain, 5 undetermined, 130 interrupted.`,
    )
    .action((given: string | string[], flags: PickFlags) => pick([given].flat().map(toIteration), isPick, flags));
}

async function pick(numbers: number[], isPick: boolean, flags: PickFlags): Promise<void> {
  const { repository: found, loopId } = await whichLedger(flags.loop, flags);
  const repository = existsSync(found) ? realpathSync(found) : found;
  const ledger = await readLedgerOf(repository, loopId);
  if (!ledger?.plan) throw noLedger('loop', { repository, loopId });
  const iterations = choose(ledger, numbers, isPick);
  const made = `${ledger.plan.branch}-${isPick ? `pick-${iterations.join('-')}` : `without-${numbers[0]!}`}`;
  const branch = flags.branch ?? made;
  if (branch.length > maxBranch)
    throw new CommandError(`branch: "${branch.slice(0, 40)}…" would be too long; give a name with --branch`);
  const input: PickInput = { repository, loopId, iterations, branch };
  const about = line`measure ${iterations.length} commits of loop ${loopId} together, for branch ${branch}`;
  const isData = flags.json ?? flags.markdown;
  const picked = await runCheckHere<PickAnswer>(
    workflowTypes.pick,
    { input, about },
    { ...flags, ...(isData && { json: isData }) },
  );
  if (flags.json) print(toJsonLine(picked));
  else print(flags.markdown ? pullRequest(picked, ledger.records) : render(picked, repository));
  if (picked.verdict !== 'confirmed') throw new CommandError([], verdictCodes[picked.verdict]);
}

function choose({ records }: Ledger, numbers: number[], isPick: boolean): number[] {
  const others = isPick ? null : allBut(records, numbers[0]!);
  if (others?.ok === false) throw new CommandError(others.problems);
  const chosen = chosenCommits(records, others?.value ?? numbers);
  if (!chosen.ok) throw new CommandError(chosen.problems);
  return chosen.value.map(({ iteration }) => iteration);
}

function render(picked: PickAnswer, repository: string): CleanText {
  const { branch, commits, headToHead, sandbox } = picked;
  const base = headToHead.base.slice(0, 10);
  const lines = [
    `branch    ${branch}, of ${commits.length} ${commits.length === 1 ? 'commit' : 'commits'} on ${base} in ${repository}`,
    ...commits.map(({ iteration, original, commit }) => {
      const origin = original === commit ? '' : `, made anew of ${original.slice(0, 10)}`;
      return `commit    ${commit.slice(0, 10)} of iteration ${iteration}${origin}`;
    }),
    `together  ${measuredText(headToHead, headToHead)}, ${headToHead.unit}`,
    `verdict   ${verdictText(picked)}`,
    ...(sandbox === 'none' ? [`sandbox   ${sandboxText(sandbox)}`] : []),
    `merge     git merge ${quoteWords([branch])}`,
    'text      the same command with --markdown prints it for a pull request, and measures nothing again',
  ];
  return toBlock(`${lines.join('\n')}\n`);
}
