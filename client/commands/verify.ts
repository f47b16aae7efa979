import { realpathSync, existsSync } from 'node:fs';
import type { Command } from 'commander';
import { refNames } from '../../ledger/refs.ts';
import { loopTrailer, workflowTypes } from '../../domain/names.ts';
import { git, type Place } from '../../adapters/git/command.ts';
import { repositoryProblem, resolveBase } from '../../adapters/git/repository.ts';
import { verifyFalseRate, type VerifyAnswer, type VerifyInput } from '../../domain/checks.ts';
import { bar } from '../../domain/verdict/decision.ts';
import { gain, percent } from '../../domain/verdict/gain.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { sandboxText } from '../../domain/ledger/reason-text.ts';
import { line, toBlock, toJsonLine, toLine, type CleanText } from '../../domain/text.ts';
import { placeOfCommit, readLedgerOf } from '../loops/ledgers.ts';
import { repositoryArgument, toplevelOf } from '../loops/loop-file.ts';
import { runCheckHere } from '../loops/run-check.ts';
import { addAllowFlags, type AllowFlags } from '../loops/run-settings.ts';
import { print } from '../terminal/progress.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';

interface VerifyFlags extends ServerFlags, AllowFlags {
  loop?: string;
  repository?: string;
  json?: true;
}

/** Exit codes of what was measured. */
export const verdictCodes = {
  confirmed: exitCodes.ok,
  'not confirmed': exitCodes.notConfirmed,
  undetermined: exitCodes.undetermined,
};

export function define(command: Command): void {
  command
    .argument('<commit>', 'a commit, branch or tag of the repository')
    .option('--loop <id>', "the loop whose benchmark is used (default: the one that the commit's message names)")
    .option('--repository <path-or-url>', 'the repository (default: the one around the working directory)')
    .option('--json', 'print the result and its samples as JSON; progress goes to standard error');
  addServerFlags(addAllowFlags(command))
    .addHelpText(
      'after',
      `
Measures commit and parent in fresh pairs until the loop's rule decides, after at most 60; eight more give the gain.
It confirms at most ${percent(verifyFalseRate, 0)} of commits without any gain. Nothing in the repository changes.
Where no server or worker runs, it starts them, as "run" does.
Exit codes: 0 confirmed, 1 refused or failed, 2 wrong command line, 3 no sandbox, 4 not confirmed, 5 undetermined,
130 interrupted.`,
    )
    .action(verify);
}

async function verify(commit: string, flags: VerifyFlags): Promise<void> {
  const input = await findCommit(commit, flags);
  const about = line`measure ${input.commit.slice(0, 10)} of loop ${input.loopId} against its parent`;
  const verified = await runCheckHere<VerifyAnswer>(workflowTypes.verify, { input, about }, flags);
  print(flags.json ? toJsonLine(verified) : render(verified));
  if (verified.verdict !== 'confirmed') throw new CommandError([], verdictCodes[verified.verdict]);
}

async function findCommit(commit: string, flags: VerifyFlags): Promise<VerifyInput> {
  const given = flags.repository ? repositoryArgument(flags.repository) : toplevelOf(process.cwd());
  if (!given) throw new CommandError(`repository: ${process.cwd()} lies in no git checkout; give it with --repository`);
  const repository = existsSync(given) ? realpathSync(given) : given;
  const problem = await repositoryProblem(repository);
  if (problem) throw new CommandError(problem);
  const sha = await resolveBase(repository, commit);
  if (!sha) throw new CommandError(`commit: "${commit}" is no commit of ${repository}; give one that is there`);
  const short = sha.slice(0, 10);
  const place = await placeOfCommit(repository, sha);
  const loopId = flags.loop ?? (await loopOf(place, sha));
  if (!loopId)
    throw new CommandError(
      `commit: ${short} is no commit of a loop (its message has no line "Loop: …"); name the loop with --loop`,
    );
  if (!(await readLedgerOf(repository, loopId))?.plan)
    throw new CommandError(
      `loop: "${loopId}" has no ledger in ${repository}; name one that has with --loop, or fetch ${refNames(loopId, '').ledger}`,
    );
  if (!(await resolveBase(place, `${sha}^`)))
    throw new CommandError(`commit: ${short} is a root commit; give one with a parent, to be measured against`);
  return { repository, loopId, commit: sha };
}

async function loopOf(place: Place, sha: string): Promise<string | undefined> {
  const trailers = await git(place, ['show', '--no-patch', `--format=%(trailers:key=${loopTrailer},valueonly)`, sha]);
  return /\S.*/.exec(trailers)?.[0].trim();
}

function render(verified: VerifyAnswer): CleanText {
  const { verdict, noise, samples } = verified;
  const meanings: Record<VerifyAnswer['verdict'], string> = {
    confirmed: noise === 'exact' ? '' : ` (of commits without any gain at most ${percent(verified.alpha, 0)} are)`,
    'not confirmed': ` (${gain(bar(verified), verified)} was not found here)`,
    undetermined: ' (too noisy here for so small a difference; "npx karpathy-loop doctor" says what would help)',
  };
  const parent = verified.parent.slice(0, 10);
  const lines = [
    `commit    ${verified.commit.slice(0, 10)} of loop ${verified.loopId}, against its parent ${parent}`,
    `measured  ${toLine(verified.reported.text)}, ${toLine(verified.unit)}; ${samples.length} pairs in all`,
    `verdict   ${verdict}${meanings[verdict]}`,
    ...(verified.sandbox === 'none' ? [`sandbox   ${sandboxText(verified.sandbox)}`] : []),
  ];
  return toBlock(`${lines.join('\n')}\n`);
}
