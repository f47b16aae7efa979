import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { run, SetupError } from './bring.mjs';
import { ollama } from './paths.mjs';

/** Makes a model of a Modelfile in the store `models`, by a server that lives only for this. */
export async function createOllamaModel({ name, modelfile, models }) {
  mkdirSync(ollama.home, { recursive: true });
  const env = {
    ...process.env,
    HOME: ollama.home,
    OLLAMA_MODELS: models,
    OLLAMA_HOST: `127.0.0.1:${await freePort()}`,
    OLLAMA_NOPRUNE: '1',
  };
  const server = spawn(ollama.file, ['serve'], { env, stdio: 'ignore' });
  try {
    await answers(env.OLLAMA_HOST, server);
    run(ollama.file, ['create', name, '-f', modelfile], { env });
  } finally {
    server.kill();
  }
}

async function answers(host, server) {
  for (let tries = 0; tries < 300 && server.exitCode === null; tries++) {
    if (
      await fetch(`http://${host}/api/version`).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new SetupError(`ollama serve: does not answer at ${host}; remove ${ollama.file} and run this again`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
