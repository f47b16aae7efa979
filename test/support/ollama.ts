import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The model that every Ollama started here has. */
export const ollamaModel = 'smollm2:135m';

/** A real coder, which scripts/bring-coder.mjs gives to the same store. */
export const coderModel = 'qwen2.5-coder:1.5b';
export const bringCoder = 'node scripts/bring-ollama.mjs && node scripts/bring-coder.mjs';

/** For the title of a suite that needs Ollama: it is printed where the suite is skipped. */
export const bringOllama = 'node scripts/bring-ollama.mjs';

const directory = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'karpathy-loop', 'ollama-0.17.4');

/** True once scripts/bring-ollama.mjs has brought the server and its model; use as `describe.skipIf(!hasOllama)`. */
export const hasOllama = existsSync(join(directory, 'ollama')) && existsSync(join(directory, 'models', 'manifests'));

/** True once the coder is in the store. */
export const hasCoder =
  hasOllama && existsSync(join(directory, 'models/manifests/registry.ollama.ai/library', coderModel.replace(':', '/')));

export interface RunningOllama {
  /** Such as "http://127.0.0.1:43567". */
  host: string;
  stop(): Promise<void>;
}

/** Starts a real Ollama on a free port, with a home and models of its own. */
export async function startOllama(): Promise<RunningOllama> {
  const address = `127.0.0.1:${await freePort()}`;
  const env = {
    ...process.env,
    HOME: join(directory, 'home'),
    OLLAMA_HOST: address,
    OLLAMA_MODELS: join(directory, 'models'),
    OLLAMA_NOPRUNE: '1',
    OLLAMA_NUM_PARALLEL: '1',
  };
  const server = spawn(join(directory, 'ollama'), ['serve'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(-2_000)));
  const host = `http://${address}`;
  while (!(await answers(host))) {
    if (server.exitCode !== null) throw new Error(`ollama serve ended with exit code ${server.exitCode}: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    host,
    async stop() {
      if (server.exitCode !== null) return;
      const exit = once(server, 'exit');
      server.kill();
      await exit;
    },
  };
}

function answers(host: string): Promise<boolean> {
  return fetch(`${host}/api/version`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** A port of this machine that nothing listens on. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
