import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startServer } from '../support/server/temporal.ts';
import { createDataDirectory, startWorkerProcess, type RunningWorker } from '../support/server/worker-process.ts';
import { openDecoys, type Decoys } from './decoys.ts';
import { processesOf } from './processes.ts';
import { makeSecrets, plant, type Secrets } from './secrets.ts';

/** The real parts that the corpus runs on, with the decoys and secrets around them. */
export interface World {
  server: TestWorkflowEnvironment;
  worker: RunningWorker;
  /** In the environment of every run: tells its processes from others'. */
  mark: string;
  /** The worker's data directory. */
  dataDirectory: string;
  /** Processes that a run has left, a line each: see processes.ts. */
  leftProcesses: () => string[];
  /** A file of the worker's that holds a secret by intent. */
  plantedFile: string;
  secrets: Secrets;
  decoys: Decoys;
  /** The worker's standard output and error so far. */
  said(): string;
  /** Sets the command source's answer in an iteration of a loop. */
  answer: (loopId: string, iteration: number, text: string | Uint8Array) => void;
  /** A proposal's text with its placeholders replaced. */
  fill: (text: string) => string;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const mark = randomBytes(8).toString('hex');
  const place = createDataDirectory();
  const [data, home, guard, answers] = ['data', 'home', 'guard', 'answers'].map((name) => join(place.path, name)) as [
    string,
    string,
    string,
    string,
  ];
  const secrets = makeSecrets();
  plant(home, { '.credentials': secrets.values.home });
  plant(data, { credentials: secrets.values.data });
  plant(guard, { 'guard.test.mjs': guardTests(secrets.values.guard) });
  const decoys = await openDecoys(place.path, mark);
  const server = await startServer();
  const settings = {
    repositories: [join(realpathSync(tmpdir()), 'target-*')],
    commandSources: {
      corpus: { command: [process.execPath, fileURLToPath(new URL('source.mjs', import.meta.url)), answers] },
    },
    guards: { words: { directory: guard, command: 'node --test $GUARD/guard.test.mjs' } },
    environment: ['CORPUS_MARK'],
  };
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const environment = {
    HOME: home,
    XDG_CACHE_HOME: cache,
    CORPUS_MARK: mark,
    CORPUS_TOKEN: secrets.values.environment,
  };
  const worker = await startWorkerProcess(server.address, data, settings, environment);
  let said = '';
  for (const stream of [worker.process.stdout, worker.process.stderr])
    stream!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  // The trap works: the worker really has what its runs must not see.
  if (!secrets.in(readFileSync(`/proc/${worker.process.pid}/environ`)).includes('environment'))
    throw new Error('the secret is not in the environment of the worker');
  // The holder of the lock on the data directory is there as long as the worker is.
  const own = new Set(processesOf(worker.process.pid!, mark));
  const values: Record<string, string> = {
    ...{ HOME: home, DATA: data, GUARD: guard },
    ...{
      PORT: String(decoys.port),
      ADDRESS: decoys.address,
      SOCKET: decoys.socket,
      ABSTRACT: decoys.abstract,
      WORKER: String(worker.process.pid),
    },
  };
  return {
    ...{
      server,
      worker,
      mark,
      secrets,
      decoys,
      dataDirectory: data,
      plantedFile: join(data, 'credentials'),
      said: () => said,
    },
    leftProcesses: () => processesOf(worker.process.pid!, mark).filter((line) => !own.has(line)),
    answer(loopId, iteration, text) {
      mkdirSync(join(answers, loopId), { recursive: true });
      writeFileSync(join(answers, loopId, String(iteration)), text);
    },
    fill: (text) => text.replace(/@@([A-Z]+)@@/g, (whole, name: string) => values[name] ?? whole),
    async close() {
      await worker.stop();
      await server.teardown();
      decoys.close();
      place.remove();
    },
  };
}

/** Held-out tests for cases that the visible ones leave open. Their text, names and messages hold the secret. */
function guardTests(secret: string): string {
  return `
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
const load = (name) => import(pathToFileURL(process.cwd() + '/src/' + name + '.mjs').href);
test('${secret} words that are names of properties', async () => {
  const { frequency } = await load('frequency');
  assert.deepEqual(frequency(['constructor', 'constructor']), [{ word: 'constructor', count: 2 }], '${secret}');
});
test('${secret} of equal counts the earlier first', async () => {
  const { top } = await load('top');
  assert.deepEqual(top([{ word: 'b', count: 1 }, { word: 'a', count: 1 }], 1), [{ word: 'b', count: 1 }], '${secret}');
});
test('${secret} words with digits', async () => {
  const { tokens } = await load('tokens');
  assert.deepEqual(tokens('B2 b-3'), ['b2', 'b', '3'], '${secret}');
});
test('${secret} the distance of long words', async () => {
  const { distance } = await load('distance');
  assert.equal(distance('kitten', 'sitting'), 3, '${secret}');
});
`;
}
