import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** Listeners on the host that no run may ever reach. */
export interface Decoys {
  /** Port of TCP on 127.0.0.1 and on the host's own address, and of UDP on 127.0.0.1. */
  port: number;
  /** The host's own address; 127.0.0.1 where it has no other. */
  address: string;
  /** Path of a Unix socket that everyone may use. */
  socket: string;
  /** Name of an abstract Unix socket, without the zero byte before it. */
  abstract: string;
  /** Listeners that were reached since the last call. */
  reached(): string[];
  close(): void;
}

/** Opens the decoys and reaches each of them once from outside of any sandbox, to show that they would tell. */
export async function openDecoys(directory: string, mark: string): Promise<Decoys> {
  let seen: string[] = [];
  const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const address = others.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
  const listen = async (name: string, where: object) => {
    const server = createServer((connection) => {
      seen.push(name);
      connection.on('error', () => undefined).destroy();
    });
    await once(server.listen(where), 'listening');
    return server;
  };
  const loopback = await listen('loopback', { host: '127.0.0.1', port: 0 });
  const { port } = loopback.address() as AddressInfo;
  const [socket, abstract] = [join(directory, 'decoy.sock'), `corpus-${mark}`];
  const servers = [
    loopback,
    await listen('unix', { path: socket, readableAll: true, writableAll: true }),
    await listen('abstract', { path: `\0${abstract}` }),
  ];
  if (address !== '127.0.0.1') servers.push(await listen('host', { host: address, port }));
  const datagrams = createSocket('udp4', () => seen.push('datagram'));
  await new Promise<void>((resolve) => datagrams.bind(port, '127.0.0.1', resolve));

  await Promise.all(
    [{ host: '127.0.0.1', port }, { host: address, port }, { path: socket }, { path: `\0${abstract}` }].map(reach),
  );
  const question = createSocket('udp4').unref();
  question.send('?', port, '127.0.0.1');
  while (new Set(seen).size < servers.length + 1) await new Promise((resolve) => setTimeout(resolve, 5));
  seen = [];
  const reached = () => {
    const names = seen;
    seen = [];
    return names;
  };
  const close = () => {
    for (const server of servers) server.close();
    datagrams.close();
  };
  return { port, address, socket, abstract, reached, close };
}

async function reach(where: { host: string; port: number } | { path: string }): Promise<void> {
  const connection = connect(where);
  await once(connection, 'connect');
  connection.destroy();
}
