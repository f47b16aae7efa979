import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout of these scripts. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Set-up keeps all downloads but node_modules here, for all checkouts. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'karpathy-loop');

const versions = JSON.parse(readFileSync(join(root, 'adapters', 'tool-versions.json'), 'utf8'));
export const temporal = {
  version: versions.temporal,
  file: join(cache, `temporal-${versions.temporal}`, 'temporal'),
  sha256: versions.sha256[`temporal-${process.arch}`],
};
export const engine = {
  version: versions.engine,
  directory: join(cache, `engine-${versions.engine}`),
  sha512: versions.sha512,
};
export const model = {
  name: 'SmolLM2-135M-Instruct',
  file: join(cache, 'models', 'SmolLM2-135M-Instruct.gguf'),
  sha256: versions.sha256.model,
};
/** A real coder for benches and live tests: the official Q4_K_M file of Qwen2.5-Coder-1.5B-Instruct (Apache-2.0). */
export const coder = {
  name: 'qwen2.5-coder-1.5b',
  file: join(cache, 'models', 'qwen2.5-coder-1.5b.gguf'),
  bytes: 1_117_320_768,
  sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
  ollamaModel: 'qwen2.5-coder:1.5b',
};
export const ollama = {
  version: '0.17.4',
  file: join(cache, 'ollama-0.17.4', 'ollama'),
  /** Headers that its Go module lacks. */
  include: join(cache, 'ollama-0.17.4', 'include'),
  /** OLLAMA_MODELS and HOME of the tests' servers, so that the person's own Ollama is left alone. */
  models: join(cache, 'ollama-0.17.4', 'models'),
  home: join(cache, 'ollama-0.17.4', 'home'),
  model: 'smollm2:135m',
};
/** A server as clusters run it, with its database schema beside it. */
export const temporalServer = {
  version: '1.31.2',
  file: join(cache, 'temporal-server-1.31.2', 'server'),
  sqlTool: join(cache, 'temporal-server-1.31.2', 'sql'),
  schema: join(cache, 'temporal-server-1.31.2', 'schema'),
};
export const tctl = { version: '1.18.0', file: join(cache, 'tctl-1.18.0', 'tctl') };
export const bundledExample = join(root, 'examples', 'bundled');
