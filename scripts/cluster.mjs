import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { main, SetupError } from './bring.mjs';
import { temporalServer } from './paths.mjs';
import { findPostgres, startPostgres } from './private-postgres.mjs';
import { setup } from './setup.mjs';
import { bringTemporalServer, historyShards, makeDatabases, startTemporalServer } from './temporal-server.mjs';

const usage = 'node scripts/cluster.mjs [--then <command> [argument…]]';
const prefix = 'karpathy-loop-cluster-';

/*
 * Starts a real Temporal server on a real PostgreSQL, new, on loopback, and removed with this script.
 * `--then` runs a command that finds it by TEMPORAL_ADDRESS, and ends with the command's exit code.
 */
await main(async () => {
  const command = commandOf(process.argv.slice(2));
  const interrupt = untilInterrupted();
  await setup({ parts: ['temporal'] });
  const postgres = findPostgres();
  await bringTemporalServer();
  try {
    await withCluster(postgres, interrupt.signal, async (cluster) => {
      const facts = `Temporal ${temporalServer.version} on PostgreSQL ${postgres.version}, ${historyShards} history shards, namespace default`;
      console.log(`cluster: ${cluster.address}: ${facts}; ready in ${cluster.seconds} s`);
      if (command) process.exitCode = await runCommand(command, cluster, interrupt);
      else await untilEnd(cluster, interrupt);
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.exitCode = 128 + constants.signals[interrupt.signal.reason];
  }
});

function commandOf(args) {
  if (args.length === 0) return undefined;
  if (args[0] !== '--then' || args.length === 1)
    throw new SetupError(`${args.join(' ')}: is not understood; type "${usage}"`);
  return args.slice(1);
}

/** Lets the first signal end the script in order. A second one ends it at once, and the kernel ends its services. */
function untilInterrupted() {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => controller.abort(name));
  return controller;
}

async function withCluster({ programs }, signal, use) {
  removeLeftovers();
  const began = Date.now();
  const directory = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  // PostgreSQL may be another user.
  chmodSync(directory, 0o711);
  const running = [];
  let isEnding = false;
  try {
    const [port, ...ports] = await freePorts(9);
    const postgres = await startPostgres({ programs, directory, port, signal });
    running.push(postgres);
    makeDatabases(postgres);
    signal.throwIfAborted();
    const temporal = await startTemporalServer({ directory, postgres, ports, signal });
    running.push(temporal);
    const died = new Promise((_, reject) => {
      for (const { ended, failure } of running) void ended.then((fact) => isEnding || reject(failure(fact)));
    });
    died.catch(() => undefined);
    signal.throwIfAborted();
    await use({ address: temporal.address, died, seconds: ((Date.now() - began) / 1000).toFixed(1) });
  } finally {
    isEnding = true;
    for (const service of running.reverse()) await service.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function untilEnd({ address, died }, { signal }) {
  console.log(`cluster: "TEMPORAL_ADDRESS=${address} npx karpathy-loop …" uses it, Ctrl-C ends it`);
  const interrupted = new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error(signal.reason))),
  );
  await Promise.race([died, interrupted]);
}

async function runCommand([program, ...args], { address, died }, { signal }) {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  const env = { ...Object.fromEntries(others), TEMPORAL_ADDRESS: address, TEMPORAL_TEST_ADDRESS: address };
  const child = spawn(program, args, { stdio: 'inherit', env });
  // A terminal's Ctrl-C has reached it already.
  signal.addEventListener(
    'abort',
    () => (signal.reason === 'SIGINT' && process.stdin.isTTY) || child.kill(signal.reason),
  );
  died.catch((error) => {
    console.error(error.message);
    child.kill();
  });
  return new Promise((resolve, reject) => {
    child.once('error', ({ code, message }) =>
      reject(new SetupError(`${program}: ${code === 'ENOENT' ? 'is not installed' : message}; type "${usage}"`)),
    );
    child.once('exit', (code, name) => resolve(code ?? 128 + constants.signals[name]));
  });
}

/** Finds ports that are free together, below 32768: Temporal's schema keeps them as PostgreSQL's smallint. */
async function freePorts(count) {
  const servers = [];
  while (servers.length < count) {
    const server = createServer();
    const free = await new Promise((resolve) => {
      server
        .once('error', () => resolve(false))
        .listen({ host: '127.0.0.1', port: randomInt(10_000, 32_768) }, () => resolve(true));
    });
    if (free) servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Removes the directories of scripts that were killed. */
function removeLeftovers() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const pid = parseInt(name.slice(prefix.length), 10);
    if (!existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
