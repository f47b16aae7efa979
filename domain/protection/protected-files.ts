import { commandFiles, isNamed, type PackageScripts } from './readers/command-files.ts';
import type { LoopConfig } from '../config/loop-config.ts';
import { reachedBy, type NamedFiles } from './readers/named-files.ts';
import { isCheckOrRecipe, protectedKind } from './protected-kinds.ts';
import { isOnOneLine } from '../proposal/path-form.ts';

/** Answers for each path of a loop's repository. */
export interface ProtectedFiles {
  /** Says if a hypothesis may change or make a file at this path. */
  isEditable: (path: string) => boolean;
  /** Why a path comes from the base whatever `editable` says: a few words, such as "a test"; else null. */
  protection: (path: string) => string | null;
}

/** The fields of a config that decide which files are protected. */
export type ProtectionConfig = Pick<LoopConfig, 'editable' | 'setup' | 'build' | 'test' | 'benchmark' | 'sideMetrics'> &
  Partial<Pick<LoopConfig, 'provided' | 'unprotected'>>;

/** Facts of the base and of the worker. */
export interface ProtectionFacts {
  matches: (path: string, glob: string) => boolean;
  /** The scripts of the base's package.json. */
  scripts?: Record<string, string>;
  /** Scripts of its other packages, by directory. */
  packages?: PackageScripts;
  /** Paths that its files name in their texts. */
  named?: NamedFiles;
  /** Command of the held-out tests. */
  guardCommand?: string | undefined;
}

/**
 * Decides which files come from the base in every run whatever `editable` says. Data and scripts that protected files
 * name are among them, unless a glob such as "src/**" matches.
 */
export function protectedFilesOf(
  config: ProtectionConfig,
  { matches, scripts = {}, packages = {}, named = new Map(), guardCommand }: ProtectionFacts,
): ProtectedFiles {
  const excluded = config.editable.filter((glob) => isExclusion(glob)).map((glob) => glob.slice(1));
  const included = config.editable.filter((glob) => !isExclusion(glob));
  const fits = (path: string, globs: readonly string[]) => globs.some((glob) => path === glob || matches(path, glob));
  const measured = [config.benchmark, ...config.sideMetrics];
  const reporting = measured.flatMap(({ metric, command, reader }) => (metric ? [command, reader] : []));
  const silent = measured.flatMap(({ metric, command }) => (metric ? [] : [command]));
  const believed = [config.setup, config.build, config.test, guardCommand, ...reporting];
  const commands = believed.filter((command) => command !== undefined);
  const all = { ...packages, '': scripts };
  const judging = commandFiles(commands, all);
  // A program timed by the loop's own clock may be improved where it is listed by its name.
  const timed = commandFiles(silent, all);
  const isOfCommands = (path: string) =>
    isNamed(path, judging, matches) || (isNamed(path, timed, matches) && !included.includes(path));
  const opened = new Set(config.unprotected?.filter((path) => openable.has(protectedKind(path) ?? '')));
  const reached = reachedBy(named, (path) => (isCheckOrRecipe(path) && !opened.has(path)) || isOfCommands(path));
  // "src/**" is meant; "**" may be an oversight.
  const deliberate = included.filter((glob) => /^[^*?[{(!/]+(\/|$)/.test(glob));
  const protection = memoized((path) => {
    const kind = opened.has(path) ? null : protectedKind(path);
    if (kind) return kind;
    const provided = config.provided?.find((one) => isOnOneLine(path, one));
    if (provided !== undefined) return `in all runs setup's "${provided}" stands there`;
    if (isOfCommands(path)) return "named by the loop's commands";
    return reached.has(path) && !fits(path, deliberate) ? 'named in a protected file' : null;
  });
  const isEditable = memoized((path) => fits(path, included) && !fits(path, excluded) && protection(path) === null);
  return { isEditable, protection };
}

/** Kinds by name alone: a source may bear such a name, where no tool reads it unasked. */
const openable = new Set(['a test', 'a benchmark', 'an installed library']);

/** One line per path of `unprotected` that opens nothing. */
export function unprotectedProblems(
  files: readonly { path: string }[],
  unprotected: readonly string[],
  { protection }: Pick<ProtectedFiles, 'protection'>,
): string[] {
  const known = new Set(files.map(({ path }) => path));
  return unprotected.flatMap((path) => {
    const field = `unprotected: ${JSON.stringify(path)}`;
    if (!known.has(path)) return [`${field} is no file of the base; give exact paths, from where "directory" begins`];
    const kind = protectedKind(path);
    if (kind === null) return [`${field} has no name that is protected; remove it`];
    const why = protection(path);
    return why === null ? [] : [`${field} stays protected (${why}), whatever its name; remove it`];
  });
}

/** One line per glob of `editable` by which no file of the base can be changed. */
export function editableProblems(
  files: readonly { path: string; mode: string }[],
  editable: readonly string[],
  protectedFiles: ProtectedFiles,
  facts: ProtectionFacts,
): string[] {
  const regular = files.filter(({ mode }) => mode.startsWith('100')).map(({ path }) => path);
  const globs = editable.filter((glob) => !isExclusion(glob));
  if (globs.length === 0) return ['editable: only takes away; give a glob of what may be changed'];
  const problems = globs.flatMap((glob) => {
    const matched = regular.filter((path) => path === glob || facts.matches(path, glob));
    if (matched.length === 0) {
      const all = `${glob.replace(/\/+$/, '')}/**`;
      const meant = [all, glob.trim()].find((one) => regular.some((path) => facts.matches(path, one)));
      return [
        `editable: "${glob}" matches no file of the base; ${meant ? `write "${meant}"` : globRemedy(glob, files)}`,
      ];
    }
    if (matched.some((path) => protectedFiles.protection(path) === null)) return [];
    const [path = ''] = matched;
    const kind = protectedFiles.protection(path)!;
    const opened = openable.has(kind)
      ? `, or open a source that only bears such a name: "unprotected": ["${path}"]`
      : '';
    return [
      `editable: "${glob}" matches only what always comes from the base (${path}: ${kind}); give files that may change${opened}`,
    ];
  });
  return problems.length > 0 || regular.some(protectedFiles.isEditable)
    ? problems
    : ['editable: leaves no file of the base to change; correct the globs'];
}

function globRemedy(glob: string, files: readonly { path: string; mode: string }[]): string {
  const link = files.find(({ path, mode }) => mode === '120000' && (glob === path || glob.startsWith(`${path}/`)));
  if (link) return `${link.path} is a link, so give the place that it leads to`;
  const [first = ''] = /^[^*?[{(]*/.exec(glob)!;
  const other = files.find(({ path }) => first !== '' && path.toLowerCase().startsWith(first.toLowerCase()));
  if (/,\s/.test(glob)) return 'give each glob as a text of its own';
  return other ? `${other.path} has other letters, large or small` : 'correct the glob';
}

/** Reads the scripts of a package.json; none if it cannot be read as one. */
export function packageScripts(text: string | null): Record<string, string> {
  try {
    const { scripts } = JSON.parse(text ?? '{}') as { scripts?: unknown };
    if (typeof scripts !== 'object' || scripts === null) return {};
    return Object.fromEntries(
      Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}

function isExclusion(glob: string): boolean {
  return /^!(?!\()/.test(glob);
}

function memoized<T>(compute: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    if (!known.has(path)) known.set(path, compute(path));
    return known.get(path)!;
  };
}
