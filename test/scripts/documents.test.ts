import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { createProgram } from '../../client/cli.ts';
import { examples } from '../../client/examples.ts';
import { splitWords } from '../../client/terminal/words.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const under = (directory: string) =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => join(directory, path));
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'docs', 'bench', 'examples'].flatMap(
  (path) => (path.endsWith('.md') ? [path] : under(path)),
);
const texts = documents.map((path): [string, string] => [path, readFileSync(join(root, path), 'utf8')]);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

it.each(texts)('%s links to what is there', (path, text) => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const broken = links.filter(([, file, anchor]) => {
    const target = file === '' ? join(root, path) : join(root, dirname(path), file!);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

/** As forges make them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

it.each(texts)('%s names scripts of npm and programs that are there', (_, text) => {
  const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name!);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  const programs = [...text.matchAll(/\b(?:node|npx tsx) ((?:scripts|bench|test)\/[\w./-]+)/g)].map(
    ([, file]) => file!,
  );
  expect(programs.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

it.each([
  ...texts.flatMap(([path, text]) => commandsIn(text).map((line): [string, string] => [path, line])),
  ...Object.values(examples).flatMap((lines) => lines.map(([line]): [string, string] => ['--help', line])),
])('the command line takes what %s says: %s', async (_, line) => {
  // What follows is the shell's: a file, or another program.
  const [, words] = /karpathy-loop (.*?)(?: (?:>>?|\|) .*)?$/.exec(line)!;
  const program = await createProgram([], true);
  const errors: string[] = [];
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)])
    quiet(command);
  await program.parseAsync(splitWords(words!) ?? [], { from: 'user' }).catch((error: unknown) => {
    const { code, exitCode } = error as { code?: string; exitCode?: number };
    // A name alone is no call.
    const isName = code === 'commander.missingArgument' && !words!.includes(' ');
    if (exitCode !== 0 && !isName) errors.push((error as Error).message);
  });
  expect(errors).toEqual([]);
});

/** In code alone, without what a shell does with a line. */
function commandsIn(text: string): string[] {
  const fences = [...text.matchAll(/^```(?!text)\w*\n(.*?)^```/gms)].flatMap(([, code]) => code!.split('\n'));
  const spans = [...text.replace(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  return [...fences, ...spans].flatMap((code) => {
    const found = /(?:^|\s|\| )(?:npx )?(karpathy-loop [a-z-][^#]*)/.exec(code);
    const isOther = /--(workflow-id|task-queue|type) karpathy-loop|init karpathy-loop/.test(code);
    return found && !isOther ? [found[1]!.replace(/[[\]…]/g, '').trim()] : [];
  });
}

/** Lets a command parse its words and do nothing. */
function quiet(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  if (command.parent && command.commands.length === 0) command.action(() => undefined);
}
