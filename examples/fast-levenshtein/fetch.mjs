/**
 * Makes a git repository of the npm package fast-levenshtein 2.0.6 with the tests, benchmark and loop.json of `added/`:
 * `node examples/fast-levenshtein/fetch.mjs [directory]`. Prints the directory; one that was made before is left as it is.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const name = 'fast-levenshtein@2.0.6';
const integrity = 'sha512-DCXu6Ifhqcks7TZKY3Hxp3y6qphY5SJZmrWMDrKcERSOXWQdMhU9Ig/PYrzyw/ul9jOIyh0N4M0tbC5hodg8dw==';
const added = fileURLToPath(new URL('added', import.meta.url));
const target = resolve(
  process.argv[2] ??
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'karpathy-loop', 'examples', 'fast-levenshtein'),
);

try {
  if (!isFetched(target)) fetch(target);
  console.log(target);
} catch (error) {
  console.error(`fast-levenshtein: ${error.message}`);
  process.exitCode = 1;
}

function isFetched(directory) {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return false;
  const { name: found } = existsSync(join(directory, '.git'))
    ? JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
    : {};
  if (found === 'fast-levenshtein') return true;
  throw new Error(`${directory} is not empty; name another directory`);
}

/** Made beside its place and moved there whole, so that a half-made one is never taken for done. */
function fetch(directory) {
  mkdirSync(dirname(directory), { recursive: true });
  const scratch = mkdtempSync(`${directory}.`);
  try {
    unpack(scratch);
    cpSync(added, join(scratch, 'package'), { recursive: true });
    makeRepository(join(scratch, 'package'));
    renameSync(join(scratch, 'package'), directory);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function unpack(scratch) {
  const packed = run(
    'npm',
    ['pack', name, '--json', '--ignore-scripts', '--pack-destination', scratch],
    scratch,
    process.env,
    'see whether npm reaches its registry',
  );
  const [{ filename, integrity: found }] = JSON.parse(packed);
  if (found !== integrity)
    throw new Error(`${name} has the integrity ${found}, not ${integrity}; the registry serves another file`);
  run('tar', ['-xzf', filename], scratch, process.env, 'install tar');
}

/** One commit that is the same everywhere, whatever git's settings are here. */
function makeRepository(directory) {
  const person = { name: 'Karpathy Loop', email: 'loop@localhost', date: '2024-01-01T00:00:00Z' };
  const fields = ['AUTHOR', 'COMMITTER'].flatMap((role) =>
    Object.entries(person).map(([key, value]) => [`GIT_${role}_${key.toUpperCase()}`, value]),
  );
  const environment = {
    PATH: process.env.PATH,
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...Object.fromEntries(fields),
  };
  const git = (...words) => run('git', ['-c', 'core.autocrlf=false', ...words], directory, environment, 'install git');
  git('init', '--quiet', '--template=', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', `${name} with tests and a benchmark`);
}

function run(program, words, cwd, env, remedy) {
  try {
    return execFileSync(program, words, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const fact = `${error.stderr || error.message}`.trim().split('\n').slice(0, 3).join(' ');
    throw new Error(`${program} ${words[0]} failed (${fact}); ${remedy}`, { cause: error });
  }
}
