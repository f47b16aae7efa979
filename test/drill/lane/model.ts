import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A scripted model server, started again after each kill. */
export interface ModelServer {
  host: string;
  /** SIGKILL, and a new one on the same port. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('model-server.mjs', import.meta.url));

/** @param models ids of the loops that ask it */
export async function startModelServer(
  host: string,
  port: number,
  calls: string,
  models: readonly string[],
): Promise<ModelServer> {
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [program, host, String(port), calls, ...models], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  };
  const end = async (child: ChildProcess) => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  let current = await start();
  return {
    host: `http://${host}:${port}`,
    async kill() {
      await end(current);
      current = await start();
    },
    stop: () => end(current),
  };
}
