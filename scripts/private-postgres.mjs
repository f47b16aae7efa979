import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInBackground } from './background.mjs';
import { onPath, run, SetupError } from './bring.mjs';

/** Oldest major version that Temporal's schema for PostgreSQL is made for. */
const oldest = 12;
const user = 'temporal';

/** Finds PostgreSQL's programs. Debian keeps them by major version and off PATH; the newest is taken. */
export function findPostgres() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const newest = versions
    .filter((version) => version >= oldest && existsSync(join(debian, `${version}`, 'bin', 'initdb')))
    .sort((a, b) => b - a)[0];
  const programs = newest ? join(debian, `${newest}`, 'bin') : onPath('initdb') && dirname(onPath('initdb'));
  if (!programs)
    throw new SetupError('PostgreSQL: is not installed; on Debian or Ubuntu, type "apt-get install postgresql"');
  const version = / ([\d.]+)/.exec(run(join(programs, 'initdb'), ['--version']))?.[1];
  if (parseInt(version, 10) < oldest)
    throw new SetupError(`PostgreSQL: ${programs} has version ${version}; ${oldest} or later is needed`);
  return { programs, version };
}

/** Starts a database cluster in an empty directory, on loopback, with a random password. */
export async function startPostgres({ programs, directory, port, signal }) {
  const account = accountFor();
  const data = join(directory, 'postgres');
  const passwordFile = join(directory, 'postgres-password');
  const password = randomBytes(18).toString('hex');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined) for (const path of [data, passwordFile]) chownSync(path, account.uid, account.gid);
  const make = [
    '--username',
    user,
    '--pwfile',
    passwordFile,
    '--auth',
    'scram-sha-256',
    '--encoding',
    'UTF8',
    '--locale',
    'C',
    '--no-sync',
  ];
  run(join(programs, 'initdb'), ['--pgdata', data, ...make], { cwd: directory, ...account });
  // Four services of Temporal keep up to 20 connections to each of two databases.
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', max_connections: 200 };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = startInBackground(join(programs, 'postgres'), ['-D', data, ...args], {
    log: join(directory, 'postgres.log'),
    deathSignal: 'INT',
    cwd: directory,
    ...account,
  });
  const stop = () => server.stop('SIGINT', 30);
  try {
    while (
      spawnSync(join(programs, 'pg_isready'), ['--quiet', '--host', '127.0.0.1', '--port', `${port}`]).status !== 0
    ) {
      await server.assertRunning();
      await sleep(100, undefined, { signal });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, user, password, ended: server.ended, failure: server.failure, stop };
}

/** PostgreSQL refuses to run as root. */
function accountFor() {
  if (process.getuid() !== 0) return {};
  const id = (flag, name) => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout?.trim();
  const name = ['postgres', 'nobody'].find((candidate) => id('-u', candidate));
  if (!name)
    throw new SetupError(
      'PostgreSQL: does not run as root, and there is no account "postgres" or "nobody"; run this as an ordinary user',
    );
  return { uid: Number(id('-u', name)), gid: Number(id('-g', name)) };
}
