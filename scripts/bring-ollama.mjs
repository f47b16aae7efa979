import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asRoot, bring, main, onPath, place, run, SetupError } from './bring.mjs';
import { createOllamaModel } from './ollama-server.mjs';
import { model, ollama } from './paths.mjs';
import { setup } from './setup.mjs';

/*
 * Builds a real Ollama for tests from its Go module, where its installer is out of reach.
 * The module lacks the headers of vendor/; Debian packages and a Python source package have them.
 */
await main(async () => {
  if (!existsSync(ollama.file)) await bringBinary();
  if (!existsSync(join(ollama.models, 'manifests'))) await bringModel();
});

async function bringBinary() {
  if (!onPath('go'))
    throw new SetupError(
      'go: is not installed; install Go 1.24 or later, or skip the tests that need a real Ollama by running "npm test" alone',
    );
  const facts = {
    what: `Ollama ${ollama.version}`,
    why: 'a real server for the tests of its adapter; built from its Go module, several minutes, 50 MB',
    where: ollama.file,
  };
  await bring(facts, (incoming) => {
    bringHeaders(incoming);
    const optimize = `-O3${hasAvx2() ? ' -march=x86-64-v3' : ''}`;
    const env = {
      ...process.env,
      GOBIN: join(incoming, 'bin'),
      CGO_ENABLED: '1',
      CGO_CPPFLAGS: `-I${ollama.include}`,
      CGO_CFLAGS: optimize,
      CGO_CXXFLAGS: optimize,
    };
    run('nice', ['-n', '5', 'go', 'install', `github.com/ollama/ollama@v${ollama.version}`], {
      env,
      remedy: 'a C++ compiler is needed too ("apt-get install g++")',
    });
    place(join(incoming, 'bin', 'ollama'), ollama.file);
  });
}

/** Unpacks headers and installs nothing. They stay at one place, so that Go's build cache serves the next try. */
function bringHeaders(incoming) {
  if (existsSync(ollama.include)) return;
  downloadDebian(incoming);
  for (const name of readdirSync(incoming).filter((entry) => entry.endsWith('.deb')))
    run('dpkg-deb', ['-x', join(incoming, name), incoming]);
  const remedy = 'Python 3 with pip and access to PyPI are needed';
  run(
    'python3',
    ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', '--dest', incoming, 'miniaudio==1.71'],
    { remedy },
  );
  run('tar', ['-xzf', join(incoming, 'miniaudio-1.71.tar.gz'), '-C', incoming]);
  const include = join(incoming, 'usr', 'include');
  place(join(incoming, 'miniaudio-1.71', 'miniaudio'), join(include, 'miniaudio'));
  place(include, ollama.include);
}

function downloadDebian(incoming) {
  const download = () =>
    run('apt-get', ['download', 'nlohmann-json3-dev', 'libstb-dev'], {
      cwd: incoming,
      remedy: 'on Debian or Ubuntu, run "apt-get update" as root once',
    });
  try {
    download();
  } catch (error) {
    // The package lists of a fresh image are empty or old.
    const root = asRoot();
    if (!root || !onPath('apt-get')) throw error;
    const [command, ...args] = [...root, 'apt-get', 'update'];
    run(command, args);
    download();
  }
}

/** Gives Ollama the embedded engine's model, with one thread: the tests share a small machine. */
async function bringModel() {
  await setup({ parts: ['model'] });
  const facts = {
    what: `${ollama.model} for Ollama`,
    why: 'a model for the tests, made of the file that the embedded engine uses, 100 MB',
    where: ollama.models,
  };
  await bring(facts, async (incoming) => {
    writeFileSync(join(incoming, 'Modelfile'), `FROM ${model.file}\nPARAMETER num_thread 1\n`);
    const models = join(incoming, 'models');
    await createOllamaModel({ name: ollama.model, modelfile: join(incoming, 'Modelfile'), models });
    place(models, ollama.models);
  });
}

function hasAvx2() {
  return process.arch === 'x64' && /\bavx2\b.*\bbmi2\b|\bbmi2\b.*\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}
