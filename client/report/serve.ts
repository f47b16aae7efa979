import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../terminal/command-error.ts';
import type { Html } from './html.ts';
import { liveScript } from './live.ts';
import { reportPage } from './page.ts';
import type { ReportFacts } from './read-report.ts';

const nowMs = 2_000;
const host = '127.0.0.1';

interface Served {
  /** Each new state of the report. */
  states: AsyncGenerator<ReportFacts, void>;
  /** Tells what the loop does. */
  now: () => Promise<string>;
  /** 0: a free one. */
  port: number;
  /** Ends the serving. */
  signal: AbortSignal;
}

/** Serves the report to browsers of this machine, and tells them of each new state. */
export async function servePage({ states, now, port, signal }: Served): Promise<{ url: string; ended: Promise<void> }> {
  const readers = new Set<ServerResponse>();
  let [page, doing] = ['', await now()];
  const tell = (event: string, data: string) => {
    for (const reader of readers) reader.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const server = createServer(({ method, url, headers }, response) => {
    // Another site's name that leads here must not read it.
    const isOwn = new RegExp(`^(${host.replaceAll('.', '\\.')}|localhost):\\d+$`).test(headers.host ?? '');
    if (!isOwn || method !== 'GET') return void response.writeHead(isOwn ? 405 : 403).end();
    if (url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`event: now\ndata: ${JSON.stringify(doing)}\n\n`);
      readers.add(response);
      return void response.on('close', () => readers.delete(response));
    }
    if (url !== '/') return void response.writeHead(404).end();
    const safe = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'cache-control': 'no-store' };
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...safe }).end(page);
  });
  const made = new Map<number, Html>();
  const draw = async (facts: ReportFacts) =>
    void (page = await reportPage(facts, { script: liveScript, now: doing }, made));
  const first = await states.next();
  if (!first.done) await draw(first.value);
  const follow = async () => {
    for await (const facts of states) {
      await draw(facts);
      tell('report', facts.head);
    }
  };
  const listen = async () => {
    server.listen(port, host);
    await once(server, 'listening');
  };
  await listen().catch((error: unknown) => {
    throw new CommandError(`watch: port ${port} cannot be had (${(error as Error).message}); give another with --port`);
  });
  const askAgain = async () => {
    for (; !signal.aborted; await sleep(nowMs, null, { signal }).catch(() => null)) {
      const next = await now();
      if (next !== doing) tell('now', (doing = next));
    }
  };
  const ended = Promise.all([follow(), askAgain()]).finally(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://${host}:${(server.address() as AddressInfo).port}/`, ended: ended.then(() => undefined) };
}
