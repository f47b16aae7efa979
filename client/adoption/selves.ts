import { realpathSync } from 'node:fs';
import type { Command } from 'commander';
import type { Selves } from '../../domain/adoption/selves.ts';
import { toBlock, toJsonLine } from '../../domain/text.ts';
import { chainRef, readChain, type ChainLink } from '../../ledger/selves.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { readOrder, readSelves } from '../../store/selves.ts';
import { repositoryArgument } from '../loops/loop-file.ts';
import { CommandError } from '../terminal/command-error.ts';
import { print } from '../terminal/progress.ts';

interface SelvesFlags {
  data?: string;
  repository?: string;
  json?: true;
}

export function define(command: Command): void {
  command
    .option('--data <directory>', 'the data directory')
    .option('--repository <path>', 'the repository that has the chain (default: that of the last adoption)')
    .option('--json', 'print builds and chain as JSON')
    .addHelpText(
      'after',
      `
The chain is ${chainRef}: one commit for each promotion, withdrawal or return, made of its evidence alone.
Each is made anew here; exit code 1 where one differs.`,
    )
    .action(selves);
}

async function selves({ data: given, repository, json }: SelvesFlags): Promise<void> {
  const data = dataDirectory(given);
  const builds = await readSelves(data);
  const place = repository ? realpathSync(repositoryArgument(repository)) : (await readOrder(data))?.repository;
  const chain = place === undefined ? [] : await readChain(data, place);
  print(json ? toJsonLine({ ...builds, chain }) : toBlock(render(builds, chain), Infinity));
  if (chain.some(({ isProven }) => !isProven))
    throw new CommandError(
      `selves: a commit of ${chainRef} is not what its evidence makes; somebody has written it by hand`,
    );
}

function render({ current, previous, trial, fallen }: Selves, chain: readonly ChainLink[]): string {
  const lines = [
    `works     ${current?.commit.slice(0, 12) ?? 'the code of this command line'}${trial ? `, on trial until ${trial.deadline}` : ''}`,
    ...(previous ? [`before    ${previous.commit.slice(0, 12)}; "npx karpathy-loop adopt --back" returns to it`] : []),
    ...(fallen ? [`fell      ${fallen.commit.slice(0, 12)}: ${fallen.reason}`] : []),
    ...chain.map(
      ({ evidence, outcome, reason, isProven }) =>
        `${outcome.padEnd(9)} ${evidence.commit.slice(0, 12)} ${evidence.endedAt} judged by ${evidence.judge.slice(0, 12)}: ${reason}${isProven ? '' : ' (NOT PROVEN)'}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
