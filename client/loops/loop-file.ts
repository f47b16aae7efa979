import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { isUrl, repositoryFormProblem } from '../../domain/config/repository.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { isObject, parseJson } from '../../adapters/json-text.ts';

/** Fields of the config that a command line may set for one run. */
export interface OverrideFlags {
  base?: string;
  branch?: string;
  seed?: number;
  iterations?: number;
  source?: string;
  model?: string;
  command?: string;
}

export interface LoopInput {
  /** Input of the workflow: as written, with the command line's fields. */
  written: Record<string, unknown>;
  /** Checked, with every default. */
  config: LoopConfig;
}

export function addOverrideFlags(command: Command): Command {
  return command
    .option('--base <revision>', 'start from this revision')
    .option('--branch <name>', 'the branch that gets the commits')
    .option('--seed <number>', 'seed of the model', toNumber)
    .option('--iterations <number>', 'iterations of the loop', toNumber)
    .option(
      '--source <name>',
      'who proposes: auto, ollama, openai, embedded, command, or tune (no model: searches named constants)',
    )
    .option('--model <name>', 'the Ollama model')
    .option('--command <name>', 'the command source (with --source command, which it implies)');
}

/** Reads a loop's config from a file, or from the loop.json of a directory; default: the working directory. */
export function readLoop(path: string | undefined, flags: OverrideFlags): LoopInput {
  const file = locate(resolve(path ?? '.'), path);
  const json = parseJson(readFileSync(file, 'utf8'), path ?? 'loop.json');
  if (!json.ok) throw new CommandError(json.problems);
  const written = isObject(json.value) ? withOverrides(withRepository(json.value, dirname(file)), flags) : json.value;
  const parsed = parseLoopConfig(written);
  if (!parsed.ok) throw new CommandError(parsed.problems);
  return { written: written as Record<string, unknown>, config: parsed.value };
}

/** Resolves a path from the working directory; a URL stays as it is. @throws CommandError for an unserved form */
export function repositoryArgument(given: string): string {
  if (!isUrl(given)) return resolve(given);
  const problem = repositoryFormProblem(given);
  if (problem) throw new CommandError(problem, exitCodes.usage);
  return given;
}

/** Finds the nearest directory at or above that is the top of a git checkout. */
export function toplevelOf(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory;
  const above = dirname(directory);
  return above === directory ? undefined : toplevelOf(above);
}

function locate(path: string, asGiven: string | undefined): string {
  if (!existsSync(path))
    throw new CommandError(`${asGiven ?? path}: does not exist; give a directory with a loop.json, or the file`);
  if (!statSync(path).isDirectory()) return path;
  const file = join(path, 'loop.json');
  if (!existsSync(file) || statSync(file).isDirectory())
    throw new CommandError(`loop.json: there is none in ${path}; write one, or give its path`);
  return file;
}

/** Fills in the repository around the file, or resolves its path. Without links, one repository has one id. */
function withRepository(config: Record<string, unknown>, directory: string): Record<string, unknown> {
  const { repository = toplevelOf(realpathSync(directory)), ...rest } = config;
  if (repository === undefined)
    throw new CommandError(
      `repository: is missing, and ${directory} is in no git checkout; give the repository's path`,
    );
  if (config['repository'] === undefined) {
    // Globs and commands begin where the file lies: a package of a monorepo.
    const below = relative(repository as string, realpathSync(directory));
    return { repository, ...(below !== '' && { directory: below }), ...rest };
  }
  if (typeof repository !== 'string' || repository === '' || isUrl(repository)) return { repository, ...rest };
  const path = isAbsolute(repository) ? repository : resolve(directory, repository);
  return { repository: existsSync(path) ? realpathSync(path) : path, ...rest };
}

function withOverrides(config: Record<string, unknown>, flags: OverrideFlags): Record<string, unknown> {
  const { base, branch, seed, iterations, source, model, command } = flags;
  const hypothesis = given({ source: source ?? (command ? 'command' : undefined), model, command });
  const own = isObject(config['hypothesis']) ? config['hypothesis'] : {};
  return {
    ...config,
    ...given({ base, branch, seed, iterations }),
    ...(Object.keys(hypothesis).length > 0 && { hypothesis: { ...own, ...hypothesis } }),
  };
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It is not a number; give one.');
  return value;
}
