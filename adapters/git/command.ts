import { execa } from 'execa';
import { GitError, simpleGit } from 'simple-git';

/** A worker's own bare clone of a repository, in its data directory. A plain value; nothing is open. */
export interface Clone {
  /** Absolute path of the bare repository. */
  directory: string;
  /** Ends the network commands. */
  signal?: AbortSignal;
}

/** Names the place of a command: the worker's own clone, or a person's repository by its path. */
export type Place = Clone | string;

/** A git command that failed. The message is one line: command, place, git's own words. */
export class GitFailure extends GitError {
  /** Null where git could not be started or was killed. */
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(message: string, exitCode: number | null, stderr: string) {
    super(undefined, message);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Set for every command: nothing of the person's set-up runs, and objects reach the disk before a ref names them. */
const commandSettings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.logAllRefUpdates=false',
  'core.fsync=objects,derived-metadata,reference',
  'core.fsyncMethod=batch',
  // A person's own git may hold a ref's lock for a moment: wait this many milliseconds.
  'core.filesRefLockTimeout=1000',
  'core.packedRefsTimeout=1000',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.writeCommitGraph=false',
  'fetch.prune=false',
  'fetch.pruneTags=false',
  'protocol.version=2',
];

/** Nothing else besides PATH, not the caller's GIT_* or home: the same inputs give the same objects. */
const fixedEnvironment = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  // A read must not refresh the person's index.
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'file',
  // A path is a path, whatever characters it has.
  GIT_LITERAL_PATHSPECS: '1',
  // Only a log of refs that is there already shows this identity; commits give their own.
  GIT_AUTHOR_NAME: 'Karpathy Loop',
  GIT_AUTHOR_EMAIL: 'loop@localhost',
  GIT_COMMITTER_NAME: 'Karpathy Loop',
  GIT_COMMITTER_EMAIL: 'loop@localhost',
};

/** Ends the wait for output after git's exit: simple-git's endless wait would keep every activity in memory. */
const outputTimeoutMs = 10_000;

/** Runs git and returns its standard output. @throws GitFailure on any exit code but 0 */
export async function git(
  place: Place,
  args: readonly string[],
  variables: Record<string, string> = {},
): Promise<string> {
  const environment = environmentOf(place, variables);
  const open = new Set<NodeJS.ReadableStream>();
  const runner = simpleGit({
    baseDir: directoryOf(place),
    config: commandSettings,
    allowEnvironment: Object.keys(environment),
    // Values of this file and its neighbours only, never of a config, a model or a person.
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeTemplateDir: true,
    },
    completion: { onClose: true, onExit: outputTimeoutMs },
    // simple-git takes a killed or silently failed command for a success, and half an output for the whole.
    errors: (error, { exitCode, stdErr }) => {
      const failure = (cause?: unknown) =>
        toFailure(place, args, { exitCode, stderr: Buffer.concat(stdErr).toString(), cause });
      if (error || exitCode !== 0) return failure(error);
      return open.size > 0
        ? failure(new Error(`its output had no end ${outputTimeoutMs / 1000} s after it`))
        : undefined;
    },
  });
  return runner
    .env(environment)
    .outputHandler((_command, stdout, stderr) => {
      for (const stream of [stdout, stderr]) {
        open.add(stream);
        stream.once('end', () => open.delete(stream));
      }
      // simple-git waits 50 ms more for a command that printed nothing; an empty chunk is enough for it.
      stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
    })
    .raw([...args]);
}

interface BytesOptions {
  /** For standard input. */
  input?: string | Uint8Array;
  variables?: Record<string, string>;
  /** The whole environment, in place of the fixed one with `variables`. */
  environment?: Record<string, string>;
  /** Beside those of every command. */
  settings?: readonly string[];
  /** Octal, for the files that git makes in a working tree; unless given, this process's own. */
  umask?: string;
  /** Ends git; the failure then has the signal's reason. */
  signal?: AbortSignal;
  /** Called whenever git writes to standard error. */
  onStderr?: () => void;
}

/** Runs git where it wants standard input, answers in bytes or may be ended. @throws GitFailure on any exit code but 0 */
export async function gitBytes(
  place: Place,
  args: readonly string[],
  { input = '', variables = {}, environment, settings = [], umask, signal, onStderr }: BytesOptions = {},
): Promise<Buffer> {
  const command = ['git', ...[...commandSettings, ...settings].flatMap((setting) => ['-c', setting]), ...args];
  const [file = '', ...rest] = umask ? ['sh', '-c', `umask ${umask} && exec "$@"`, 'sh', ...command] : command;
  const child = execa(file, rest, {
    cwd: directoryOf(place),
    env: environment ?? environmentOf(place, variables),
    extendEnv: false,
    input,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 1 << 30,
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  if (onStderr) child.stderr.on('data', onStderr);
  const { failed, exitCode = null, stdout, stderr, cause } = await child;
  if (!failed) return Buffer.from(stdout);
  // A push tells each ref's fate on standard output.
  const fates = args[0] === 'push' ? Buffer.from(stdout).toString().split('\n') : [];
  const told = Buffer.from(stderr).toString().replaceAll('\r', '\n');
  const said = [told, ...fates.filter((line) => line.startsWith('!'))].join('\n');
  throw toFailure(place, args, { exitCode, stderr: said, cause });
}

/** The trimmed output of a command whose exit code 1 means "not there": then null. */
export async function gitOrNull(place: Place, args: readonly string[]): Promise<string | null> {
  try {
    return (await git(place, args)).trim();
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return null;
    throw error;
  }
}

function directoryOf(place: Place): string {
  return typeof place === 'string' ? place : place.directory;
}

export function environmentOf(place: Place, variables: Record<string, string>): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', SUDO_UID } = process.env;
  return {
    PATH,
    // Root by sudo may open what belongs to the person who called it, as with git itself.
    ...(SUDO_UID ? { SUDO_UID } : {}),
    ...fixedEnvironment,
    ...(typeof place === 'string' ? {} : { GIT_DIR: place.directory }),
    ...variables,
  };
}

function toFailure(
  place: Place,
  args: readonly string[],
  { exitCode, stderr, cause }: { exitCode: number | null; stderr: string; cause?: unknown },
): GitFailure {
  const reason = cause instanceof Error ? cause.message : `exit code ${exitCode}`;
  if (reason.includes('ENOENT')) return new GitFailure('git: is not found on the PATH; install git', null, stderr);
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = lines.find((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1) ?? reason;
  return new GitFailure(`git ${args[0]} in ${directoryOf(place)}: ${said}`, exitCode, stderr);
}
