import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { ollamaAddress } from '../../domain/config/ollama-address.ts';
import { parseWorkerSettings, type WorkerSettings } from '../../domain/config/worker-settings.ts';
import { dataPaths } from '../../store/layout.ts';
import type { AllowFlags } from '../flags.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { parseJson } from '../../adapters/json-text.ts';
import { splitWords } from '../terminal/words.ts';

export type { AllowFlags };

/** Grants nothing beside the repository. */
export const noGrants: AllowFlags = {
  commandSource: [],
  allowReadOnly: [],
  allowDevice: [],
  allowEnvironment: [],
  allowGuard: [],
  tool: [],
};

export function addAllowFlags(command: Command): Command {
  const lists: [flag: string, description: string][] = [
    [
      '--command-source <name=program>',
      'a program that may propose: a command line ("./" is here), or a JSON list of words',
    ],
    ['--allow-read-only <name=path>', 'a path that the loop may see read-only in the sandbox'],
    ['--allow-device <name=path>', 'a device that the loop may use in the sandbox'],
    ['--allow-environment <name>', 'an environment variable that the loop may ask for'],
    ['--allow-guard <name=directory:command>', 'held-out tests, run in the candidate; $GUARD is the directory'],
    ['--tool <name>', 'a tool outside the system directories (of a closed home: its path) that runs see read-only'],
  ];
  const append = (value: string, all: string[]) => [...all, value];
  for (const [flag, description] of lists)
    command.addOption(new Option(flag, description).default([], 'none').argParser(append));
  return command
    .option('--allow-setup-network', 'let the setup command reach the network')
    .option('--check-outside', 'run the tests once WITHOUT a sandbox if the base fails them in it, to tell why')
    .option('--allow-unsandboxed', 'run commands WITHOUT a sandbox: whatever a model writes then runs with your rights')
    .option('--ollama-host <address>', 'the Ollama server (default: OLLAMA_HOST, else http://127.0.0.1:11434)')
    .option('--openai-url <url>', 'an OpenAI-compatible server for "source": "openai", as http://127.0.0.1:8080/v1')
    .option('--openai-key-variable <name>', 'the environment variable that holds its key');
}

/** Joins settings.json in the data directory and this command line's grants. @throws CommandError for a bad one */
export function settingsFor(data: string, repository: string | null, flags: AllowFlags): WorkerSettings {
  const input = withFlags(readSettings(dataPaths(data).settings), repository, flags);
  const parsed = parseWorkerSettings(input);
  if (!parsed.ok) throw new CommandError(parsed.problems, exitCodes.usage);
  return parsed.value;
}

/** Writes them to a file of their own: "stop" needs those of the last "run". Returns its path. */
export function writeRunSettings(
  data: string,
  repository: string | null,
  flags: AllowFlags,
  name: 'runSettings' | 'checkSettings' = 'runSettings',
): string {
  return writeSettings(dataPaths(data)[name], settingsFor(data, repository, flags));
}

export function writeSettings(file: string, settings: WorkerSettings): string {
  writeFileSync(file, `${JSON.stringify(settings, null, 2)}\n`);
  return file;
}

function withFlags(own: WorkerSettings, repository: string | null, flags: AllowFlags): WorkerSettings {
  return {
    ...own,
    repositories: repository === null ? own.repositories : [...own.repositories, escapeGlob(repository)],
    commandSources: {
      ...own.commandSources,
      ...named('--command-source', flags.commandSource, (line) => ({ command: toWords(line), seconds: 600 })),
    },
    readOnlyPaths: {
      ...own.readOnlyPaths,
      ...named('--allow-read-only', flags.allowReadOnly, (path) => resolve(path)),
    },
    guards: { ...own.guards, ...named('--allow-guard', flags.allowGuard, toGuard) },
    devices: { ...own.devices, ...named('--allow-device', flags.allowDevice, (path) => path) },
    environment: [...own.environment, ...flags.allowEnvironment],
    tools: [...new Set([...own.tools, ...flags.tool])],
    setupNetwork: flags.allowSetupNetwork ?? own.setupNetwork,
    outsideCheck: flags.checkOutside ?? own.outsideCheck,
    unsandboxed: flags.allowUnsandboxed ?? own.unsandboxed,
    ollamaHost: flags.ollamaHost ? readAddress(flags.ollamaHost) : own.ollamaHost,
    ...(flags.openaiUrl && { openai: { baseUrl: flags.openaiUrl, keyVariable: flags.openaiKeyVariable } }),
  };
}

/** @throws CommandError for what is no such file; without a file, the defaults */
export function readSettings(file: string): WorkerSettings {
  const json = existsSync(file) ? parseJson(readFileSync(file, 'utf8'), file) : { ok: true as const, value: {} };
  if (!json.ok) throw new CommandError(json.problems, exitCodes.usage);
  const parsed = parseWorkerSettings(withOllamaHost(json.value));
  if (!parsed.ok) throw new CommandError(parsed.problems.map((problem) => `${file}: ${problem}`));
  return parsed.value;
}

/** Prefers the owner's file to OLLAMA_HOST. */
function withOllamaHost(settings: unknown): unknown {
  const host = process.env['OLLAMA_HOST'];
  return host && typeof settings === 'object' ? { ollamaHost: readAddress(host), ...settings } : settings;
}

function readAddress(host: string): string {
  const address = ollamaAddress(host);
  if (address) return address;
  const remedy = 'give --ollama-host or OLLAMA_HOST as host:port';
  throw new CommandError(`Ollama: "${host}" is not an address; ${remedy}`, exitCodes.usage);
}

function named<T>(flag: string, values: readonly string[], read: (value: string) => T): Record<string, T> {
  return Object.fromEntries(
    values.map((value) => {
      const [, name, rest] = /^([A-Za-z0-9][A-Za-z0-9._-]*)=(.+)$/s.exec(value) ?? [];
      if (!name || !rest) throw new CommandError(`${flag}: "${value}" has no name; give name=value`, exitCodes.usage);
      return [name, read(rest)];
    }),
  );
}

function toGuard(value: string): { directory: string; command: string } {
  const [, directory, command] = /^([^:]+):\s*(\S.*)$/s.exec(value) ?? [];
  if (!directory || !command)
    throw new CommandError(
      `--allow-guard: "${value}" is not directory:command; give one such as hidden='./held-out:node --test "$GUARD"'`,
      exitCodes.usage,
    );
  return { directory: resolve(directory), command };
}

/** Resolves "./propose.sh" here: a command source runs in an empty directory. */
function toWords(line: string): string[] {
  const list = line.startsWith('[') ? parseJson(line, '--command-source') : undefined;
  if (list?.ok === false) throw new CommandError(list.problems, exitCodes.usage);
  if (list) return list.value as string[];
  const words = splitWords(line);
  if (!words || words.length === 0)
    throw new CommandError(
      `--command-source: ${line} has an open quote; close it, or give a JSON list`,
      exitCodes.usage,
    );
  return words.map((word) => (/^\.\.?\//.test(word) ? resolve(word) : word));
}

function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&');
}
