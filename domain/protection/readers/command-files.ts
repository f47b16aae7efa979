import { joinPath, splitCommand } from './command-words.ts';
import {
  directoryOptions,
  interpreters,
  packageRunners,
  runners,
  shells,
  sources,
  tools,
  workspaceWords,
} from './programs.ts';

/** Paths inside the repository that commands name; whether something is there is for the caller to see. */
export interface CommandFiles {
  /** Whole, or without an ending of a program. */
  names: Set<string>;
  /** Whole only. */
  inputs: Set<string>;
  /** Directories that may stand for their entry, such as index.js. */
  entries: Set<string>;
  /** As `names` and `entries`, below any directory. */
  anywhere: Set<string>;
  globs: Set<string>;
}

const programEnding = /\.([cm]?[jt]sx?|json|py|rb|pl|php|lua|sh|bash|r|jl)$/i;
const entryName = /\/(index\.[cm]?[jt]sx?|__main__\.py|__init__\.py)$/i;
const maxCommands = 200;
const maxDirectories = 30;

/** The scripts of a package.json, by its directory; "" is the top. */
export type PackageScripts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Finds the files that commands name: any word that could be a path, from every visited directory.
 * Sources passed to compilers or measuring tools stay editable. Best effort.
 */
export function commandFiles(commands: readonly string[], packages: PackageScripts = {}): CommandFiles {
  const found: CommandFiles = {
    names: new Set(),
    inputs: new Set(),
    entries: new Set(),
    anywhere: new Set(),
    globs: new Set(),
  };
  const seen = new Set<string>();
  const visit = (command: string, directories: Set<string>): void => {
    const key = `${[...directories].join('\0')}\0\0${command}`;
    if (seen.has(key) || seen.size >= maxCommands) return;
    seen.add(key);
    let before: string[] = [];
    for (const words of splitCommand(withoutCode(command))) {
      const context: WordContext = { packages, found, directories, visit };
      readWords(words, context);
      if (readsProgram(words)) for (const word of before) addName(word, context);
      before = words;
    }
  };
  for (const command of commands) visit(command, new Set(['']));
  return found;
}

export function isNamed(
  path: string,
  { names, inputs, entries, anywhere, globs }: CommandFiles,
  matches: (path: string, glob: string) => boolean,
): boolean {
  const stem = path.replace(programEnding, '');
  const directory = path.replace(entryName, '');
  if (names.has(path) || names.has(stem) || inputs.has(path) || entries.has(directory)) return true;
  if (anywhere.size > 0 && [path, stem, directory].some((one) => isBelow(one, anywhere))) return true;
  return [...globs].some((glob) => matches(path, glob));
}

/** Finds interpreters that read their program from standard input. */
function readsProgram([first = '', ...rest]: readonly string[]): boolean {
  return (
    interpreters.test(baseName(first)) && rest.every((word) => word.startsWith('-') && !/^--?(v|version|V)$/.test(word))
  );
}

/** Here-documents are code in the command itself, unless a shell reads them. */
function withoutCode(command: string): string {
  const document = /^(.*)<<-?[ \t]*(['"]?)(\w+)\2(.*)\n([^]*?)^[ \t]*\3[ \t]*$/gm;
  return command.replace(document, (all, ...[head = '', , , tail = '']: string[]) =>
    /(^|[\s/])(ba|da|z|k|fi)?sh\b/.test(head) ? all : `${head} - ${tail}`,
  );
}

/** State while the words of one simple command are read. */
interface WordContext {
  packages: PackageScripts;
  found: CommandFiles;
  /** Directories visited so far; ends of subshells are not followed. */
  directories: Set<string>;
  /** Reads a command within the command. */
  visit: (code: string, directories: Set<string>) => void;
}

function readWords(words: readonly string[], context: WordContext): void {
  const { directories, visit } = context;
  goToNamed(words, directories);
  const scripts = readScripts(words, context);
  readBuilt(words, context);
  const isRunning = words.some((word) => /^-?(run|exec)$/.test(word));
  let interpreter: string | null = null;
  let isProgramNext = false;
  let tool: string | null = null;
  let isTesting = words.includes('--test');
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (interpreter === null && scripts.has(word)) continue;
    const before = words[index - 1] ?? '';
    const name = baseName(word);
    const isValue = before.startsWith('-');
    if (interpreters.test(name) && !(tool && isValue)) [interpreter, isProgramNext, tool] = [name, true, null];
    else if (
      (tools.test(name) || (name === 'test' && index === 0)) &&
      !isRunning &&
      (interpreter === null || before === '-m' || name === 'timeit')
    )
      tool = name;
    else if (/^(deno|bun)$/.test(interpreter ?? '') && /^(build|compile|bundle|check|lint|fmt)$/.test(word))
      tool = name;
    else if (/^node(js)?$/.test(interpreter ?? '') && /^(--check|-c)$/.test(word)) tool = name;
    if (runners.test(name)) isTesting = true;
    if (isProgramNext && isCode(interpreter!, word)) {
      isProgramNext = false;
      index++;
      continue;
    }
    if (isProgramNext && before === '-m') isProgramNext = false;
    if (before === '-m' && /^[A-Za-z_][\w.]*$/.test(word)) addModule(word, context);
    const value = valueOf(word);
    if (tool !== null) {
      if (isInstruction(tool, before)) addName(value, context);
      else if (!sources.test(value)) addPath('inputs', value, context);
      continue;
    }
    const isCommand = /[\s;&|`]|\$\([^)]/.test(value);
    if (isCommand) visit(value, directories);
    if (value.startsWith('-')) continue;
    if (!isGlob(value) || (!isCommand && /[\w/]/.test(value) && (isTesting || isProgramNext || interpreter === null)))
      addName(value, context);
    if (isProgramNext && index > 0) addPath('entries', value, context);
    if (isProgramNext && programEnding.test(value) && !isValue) isProgramNext = false;
    if (isTesting && /^\w+(\.\w+)+$/.test(value) && !sources.test(value)) addModule(value, context);
  }
}

/** Takes the value out of `--option=value`, `NAME=value` and `-I./path`. */
function valueOf(word: string): string {
  return /^(--?[A-Za-z][\w-]*|[A-Za-z_]\w*)=./.test(word)
    ? word.slice(word.indexOf('=') + 1)
    : word.replace(/^-[A-Za-z](?=\.{0,2}\/)/, '');
}

/** Finds options whose next word instructs a tool and is no source: `awk -f measure.awk`. */
function isInstruction(tool: string, option: string): boolean {
  return /^(--file|--from-file|--config)$/.test(option) || (option === '-f' && /awk$|^(sed|jq)$/.test(tool));
}

/** Finds options whose next word is code. Code for a shell is read as a command instead. */
function isCode(interpreter: string, word: string): boolean {
  if (shells.test(interpreter)) return false;
  if (/^--(eval|print)$/.test(word) || `${interpreter} ${word}` === 'deno eval') return true;
  if (/^(python|pypy)/.test(interpreter)) return /^-[A-Za-z]*c$/.test(word);
  if (/^(perl|ruby|julia)$/.test(interpreter)) return /^-[A-Za-z]*[eE]$/.test(word);
  return interpreter === 'php' ? word === '-r' : /^-(e|p|pe)$/.test(word);
}

/** Visits the scripts that a package runner runs, and returns the words that name them: `npm test`, `yarn bench`. */
function readScripts(words: readonly string[], { packages, directories, visit }: WordContext): Set<string> {
  const run = new Set<string>();
  if (!words.some((word) => packageRunners.test(word))) return run;
  const isElsewhere = words.some((word) => workspaceWords.test(word));
  for (const [directory, scripts] of Object.entries(packages)) {
    if (!isElsewhere && !directories.has(directory)) continue;
    for (const word of words) {
      const name = word === 't' ? 'test' : word.replace(/^(npm|yarn|pnpm|bun):/, '');
      for (const key of [`pre${name}`, name, `post${name}`]) {
        if (!Object.hasOwn(scripts, key)) continue;
        run.add(word);
        visit(scripts[key]!, new Set([directory]));
      }
    }
  }
  return run;
}

/** Programs that are compiled and run at once, or were compiled by cargo: their sources are the program. */
function readBuilt(words: readonly string[], context: WordContext): void {
  const { directories, found } = context;
  const names = words.map(baseName);
  const isRun = words.includes('run');
  if (names.includes('go') && isRun)
    for (const word of words.slice(words.indexOf('run') + 1))
      for (const directory of directories)
        if (/^\.{1,2}(\/|$)/.test(word))
          found.globs.add([joinPath(directory, plain(word)), '*.go'].filter((part) => part !== null).join('/'));
  if (names.includes('cargo') && isRun) found.anywhere.add('src/main.rs');
  for (const [index, word] of words.entries()) {
    const built =
      /^(--bin|--example)=(.+)$/.exec(word)?.[2] ??
      /(^|\/)target\/(release|debug)\/(examples\/)?([^/]+)$/.exec(word)?.[4];
    const name = built ?? (/^--(bin|example)$/.test(word) ? words[index + 1] : undefined);
    if (name)
      for (const place of ['src/bin', 'examples'])
        for (const end of ['.rs', '/main.rs']) found.anywhere.add(`${place}/${name}${end}`);
  }
}

function goToNamed(words: readonly string[], directories: Set<string>): void {
  for (const [index, word] of words.entries())
    if (directoryOptions.test(word)) goTo(words[index + 1] ?? '', directories);
  for (const word of words)
    if (/^--(prefix|cwd|dir|chdir|directory|workspace)=./.test(word))
      goTo(word.slice(word.indexOf('=') + 1), directories);
}

function goTo(word: string, directories: Set<string>): void {
  for (const directory of [...directories]) {
    const to = joinPath(directory, plain(word));
    if (to !== null && directories.size < maxDirectories) directories.add(to);
  }
}

function addName(word: string, { directories, found }: WordContext): void {
  const path = plain(word);
  const below = /^\$(\(\)|\{?\w+\}?)\/(.+)$/.exec(path)?.[2];
  if (below !== undefined) {
    const name = joinPath('', below);
    if (name && !name.includes('$')) found.anywhere.add(name).add(name.replace(programEnding, ''));
    return;
  }
  // A variable below a known directory may be any name; one that is all of a word says nothing.
  const known = path.replace(/(?<=\/[^$]*)\$(\(\)|\{\w+\}|\w+)/g, '*');
  if (known.includes('$')) return;
  for (const directory of directories) {
    const joined = joinPath(directory, known);
    if (joined) (isGlob(joined) ? found.globs : found.names).add(joined);
    // A test within a file: `test.py::one`, `app:main`.
    const file = joined && /^([^:]+):/.exec(joined)?.[1];
    if (file) found.names.add(file);
  }
}

function addPath(kind: 'inputs' | 'entries', word: string, { directories, found }: WordContext): void {
  for (const directory of directories) {
    const path = joinPath(directory, plain(word));
    if (path) found[kind].add(path);
  }
}

/** Adds a Python module, or those that a test's name begins with; where they lie depends on PYTHONPATH. */
function addModule(module: string, context: WordContext): void {
  const { found } = context;
  const parts = module.split('.');
  addName(parts.join('/'), context);
  addPath('entries', parts.join('/'), context);
  for (let count = Math.min(2, parts.length); count <= parts.length; count++)
    found.anywhere.add(parts.slice(0, count).join('/'));
}

/** Without what stands for the directory of the command itself. */
function plain(word: string): string {
  return word.replace(/^\$(PWD|\{PWD\}|INIT_CWD|\{INIT_CWD\})\//, './');
}

function isGlob(word: string): boolean {
  return /[*?[{]/.test(word);
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

function isBelow(path: string, names: ReadonlySet<string>): boolean {
  for (let at = 0; at >= 0; at = path.indexOf('/', at) + 1 || -1) if (names.has(path.slice(at))) return true;
  return false;
}
