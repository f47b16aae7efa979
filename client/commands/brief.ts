import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { execa } from 'execa';
import { ownFile, ownProgram } from '../../adapters/own-files.ts';
import { line, toBlock, toJsonLine, type CleanText } from '../../domain/text.ts';
import type { Preview } from '../../domain/proposal/preview.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { readLoop } from '../loops/loop-file.ts';
import { CommandError } from '../terminal/command-error.ts';
import { print } from '../terminal/progress.ts';

interface BriefFlags {
  as?: string;
  json?: true;
  data?: string;
}

export function define(command: Command): void {
  command
    .argument('<loop>', "a loop's id, a loop.json, or a directory with one")
    .option('--as <model>', 'ask as this model would be asked; its form follows the size in its name')
    .option('--json', 'print the brief as a command source gets it')
    .option('--data <directory>', 'the data directory')
    .addHelpText(
      'after',
      '\nNobody is asked and nothing is run; no server is needed. Hotspots come from the newest brief on this machine.',
    )
    .action(show);
}

async function show(loop: string, { as, json, data }: BriefFlags): Promise<void> {
  const where = existsSync(loop) ? { loopId: null, config: readLoop(loop, {}).config } : { loopId: loop, config: null };
  const args = [dataDirectory(data), JSON.stringify({ ...where, model: as ?? null })];
  const { file, execArgv } = ownProgram('worker/preview.ts');
  const own = { cwd: ownFile(''), reject: false, stdin: 'ignore' } as const;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...execArgv, file, ...args], own);
  if (exitCode !== 0) throw new CommandError(stderr.trim().split('\n'));
  const preview = JSON.parse(stdout) as Preview;
  print(json || (!preview.question && !preview.problem) ? toJsonLine(preview.brief) : render(preview));
  if (preview.problem !== null) throw new CommandError(preview.problem);
}

function render({ question, model, notes }: Preview): CleanText {
  const told = notes.map((note) => line`note: ${note}\n`).join('');
  if (!question) return toBlock(told);
  const { system, prompt, parts, maxTokens, shown } = question;
  const total = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  const counts = [...parts, { name: 'in all, by estimate', tokens: total }].map(
    ({ name, tokens }) => `${String(tokens).padStart(7)}  ${name}\n`,
  );
  const head = `model: ${model}; form: ${shown.form}; answer: at most ${maxTokens} tokens\n${told}`;
  return toBlock(`${head}\n--- system\n${system}\n\n--- prompt\n${prompt}\n\n--- tokens\n${counts.join('')}`, Infinity);
}
