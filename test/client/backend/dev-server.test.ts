import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isListening } from '../../../client/backend/connection.ts';
import { startDevServer } from '../../../client/backend/dev-server.ts';
import { endOrphanServer, recordedServer } from '../../../client/backend/server-file.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { freePort } from '../../support/ollama.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

describeWithServer('the dev server that run starts', () => {
  let data: ReturnType<typeof createDataDirectory>;
  beforeEach(() => void (data = createDataDirectory()));
  afterEach(() => data.remove());

  it('answers, is found by the commands beside it, keeps its database, and stops', async () => {
    const server = await startDevServer(data.path, `127.0.0.1:${await freePort()}`);
    expect(await isListening(server.address)).toBe(true);
    expect(recordedServer(data.path)).toEqual({ address: server.address, ui: server.ui, pid: server.pid });
    await server.stop();
    expect(await isListening(server.address)).toBe(false);
    expect(recordedServer(data.path)).toBeUndefined();
    expect(existsSync(`${data.path}/temporal.db`)).toBe(true);
  });

  it('takes a free port where something else has the wanted one', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = `127.0.0.1:${(other.address() as { port: number }).port}`;
    const server = await startDevServer(data.path, taken);
    other.close();
    expect(server.address).not.toBe(taken);
    await server.stop();
  });

  it('is its own where two directories start one at the same free address at once', async () => {
    const other = createDataDirectory();
    const wanted = `127.0.0.1:${await freePort()}`;
    const servers = await Promise.all([data, other].map(({ path }) => startDevServer(path, wanted)));
    const connections = await Promise.all(servers.map(({ address }) => Connection.connect({ address })));
    const has = async (at: number, id: string) =>
      connections[at]!.workflowService.describeWorkflowExecution({
        namespace: 'default',
        execution: { workflowId: id },
      })
        .then(() => true)
        .catch(() => false);
    const client = new Client({ connection: connections[0]! });
    await client.workflow.start('any', { taskQueue: 'none', workflowId: 'of-the-first' });
    expect([await has(0, 'of-the-first'), await has(1, 'of-the-first')]).toEqual([true, false]);
    await Promise.all(connections.map((connection) => connection.close()));
    await Promise.all(servers.map((server) => server.stop()));
    expect(await Promise.all(servers.map(({ address }) => isListening(address)))).toEqual([false, false]);
    other.remove();
  });

  it('dies with its starter, even by SIGKILL', async () => {
    const module = fileURLToPath(new URL('../../../client/backend/dev-server.ts', import.meta.url));
    const script = `const { startDevServer } = await import(${JSON.stringify(module)});
      console.log((await startDevServer(${JSON.stringify(data.path)}, '127.0.0.1:${await freePort()}')).address);
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const address = line.toString().trim();
    expect(await isListening(address)).toBe(true);
    starter.kill('SIGKILL');
    // Whoever comes next does not take it for a server that lasts, and finds its database free.
    await endOrphanServer(data.path);
    expect(await isListening(address)).toBe(false);
    expect(await endOrphanServer(data.path)).toBe(false);
    const next = await startDevServer(data.path, address);
    expect(await isListening(next.address)).toBe(true);
    await next.stop();
  });
});
