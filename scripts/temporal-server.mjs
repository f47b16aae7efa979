import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInBackground } from './background.mjs';
import { bring, onPath, place, run, SetupError } from './bring.mjs';
import { temporal, temporalServer } from './paths.mjs';

const module = `go.temporal.io/server@v${temporalServer.version}`;
const databases = { temporal: 'temporal', visibility: 'temporal_visibility' };
/** Fixed when the database is made; a small installation has as many. */
export const historyShards = 16;

/** Builds the server, its tool for SQL databases and their schema into the cache, once. */
export async function bringTemporalServer() {
  if (existsSync(temporalServer.file)) return;
  if (!onPath('go')) throw new SetupError('go: is not installed; install Go 1.26.4 or later');
  const facts = {
    what: `Temporal server ${temporalServer.version}`,
    why: 'the server of real clusters; built from its Go module, several minutes, 230 MB',
    where: join(temporalServer.file, '..'),
  };
  await bring(facts, (incoming) => {
    const options = {
      cwd: incoming,
      env: { ...process.env, GOBIN: incoming },
      remedy: 'Go 1.26.4 or later and access to the Go module proxy are needed',
    };
    run(
      'nice',
      ['-n', '5', 'go', 'install', ...['server', 'tools/sql'].map((name) => module.replace('@', `/cmd/${name}@`))],
      options,
    );
    const { Dir } = JSON.parse(run('go', ['mod', 'download', '-json', module], options));
    cpSync(join(Dir, 'schema', 'postgresql', 'v12'), join(incoming, 'schema'), { recursive: true });
    place(incoming, join(temporalServer.file, '..'));
  });
}

/** Makes Temporal's two databases in an empty database cluster. */
export function makeDatabases({ port, user, password }) {
  const connect = ['--endpoint', '127.0.0.1', '--port', `${port}`, '--user', user, '--plugin', 'postgres12'];
  const sql = (database, ...args) =>
    run(temporalServer.sqlTool, [...connect, '--database', database, ...args], {
      env: { ...process.env, SQL_PASSWORD: password },
    });
  for (const [schema, database] of Object.entries(databases)) {
    sql(database, 'create-database');
    sql(database, 'setup-schema', '--version', '0.0');
    sql(database, 'update-schema', '--schema-dir', join(temporalServer.schema, schema, 'versioned'));
  }
}

/** Starts all four services in one process, on loopback, without access control. Waits for the namespace "default". */
export async function startTemporalServer({ directory, postgres, ports, signal }) {
  const file = join(directory, 'temporal.yaml');
  writeFileSync(file, json(configuration(directory, postgres, ports)), { mode: 0o600 });
  writeFileSync(join(directory, 'dynamic-config.yaml'), json(dynamicConfiguration));
  const server = startInBackground(temporalServer.file, ['--config-file', file, '--allow-no-auth', 'start'], {
    log: join(directory, 'temporal.log'),
    deathSignal: 'KILL',
    cwd: directory,
  });
  const address = `127.0.0.1:${ports[0]}`;
  const stop = () => server.stop('SIGTERM', 20);
  try {
    const succeeds = async (...args) => {
      while (!tryCli(address, ...args)) {
        await server.assertRunning();
        await sleep(200, undefined, { signal });
      }
    };
    await succeeds('operator', 'cluster', 'health');
    await succeeds('operator', 'namespace', 'create', '--namespace', 'default', '--retention', '72h');
    await succeeds('workflow', 'list', '--namespace', 'default');
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, ended: server.ended, failure: server.failure, stop };
}

function tryCli(address, ...args) {
  const command = existsSync(temporal.file) ? temporal.file : 'temporal';
  const own = ['--address', address, '--disable-config-file', '--disable-config-env'];
  return spawnSync(command, [...args, ...own], { stdio: 'ignore' }).status === 0;
}

/** JSON is YAML too. */
function json(value) {
  return JSON.stringify(value, null, 2);
}

/** Follows the module's development-postgres12.yaml, without archival, with own ports and directory. */
function configuration(directory, { port, user, password }, ports) {
  const sql = (databaseName) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${port}`,
      connectProtocol: 'tcp',
      user,
      password,
      maxConns: 20,
      maxIdleConns: 20,
      maxConnLifetime: '1h',
    },
  });
  const service = (index) => ({
    rpc: { grpcPort: ports[index], membershipPort: ports[index + 1], bindOnLocalHost: true },
  });
  const here = { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `127.0.0.1:${ports[0]}` };
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: historyShards,
      datastores: { default: sql(databases.temporal), visibility: sql(databases.visibility) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: { frontend: service(0), history: service(2), matching: service(4), worker: service(6) },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: { active: here },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: join(directory, 'dynamic-config.yaml'), pollInterval: '10s' },
  };
}

/** Lifts the limits that make a step wait up to 50 ms, and asks nobody for newer versions. */
const dynamicConfiguration = {
  'history.transferProcessorMaxPollRPS': [{ value: 2000 }],
  'history.timerProcessorMaxPollRPS': [{ value: 2000 }],
  'frontend.enableServerVersionCheck': [{ value: false }],
};
