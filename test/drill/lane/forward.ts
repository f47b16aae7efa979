import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Lets a port of another address of this machine lead to the same port of 127.0.0.1; returns how to end it. */
export async function forward(host: string, port: number): Promise<() => void> {
  const server = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1');
    const end = () => {
      incoming.destroy();
      outgoing.destroy();
    };
    incoming.on('error', end).on('close', end).pipe(outgoing);
    outgoing.on('error', end).on('close', end).pipe(incoming);
  });
  await once(server.listen(port, host), 'listening');
  return () => server.close();
}
