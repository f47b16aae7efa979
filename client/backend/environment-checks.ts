import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { createMachineLock } from '../../adapters/machine-lock.ts';
import { createEmbeddedModel } from '../../adapters/models/embedded.ts';
import { findOllama } from '../../adapters/models/ollama.ts';
import { checkCommandTools } from '../../adapters/sandbox/command-tools.ts';
import { limitsLayerText, type LimitsLayer, type SandboxKind } from '../../adapters/sandbox/contract.ts';
import { createSandbox } from '../../adapters/sandbox/create.ts';
import { findOnPath, findToolchains } from '../../adapters/sandbox/tools.ts';
import { SandboxUnavailable } from '../../adapters/sandbox/unavailable.ts';
import type { Finding } from '../../domain/checks.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { commandsOf } from '../../domain/config/plan.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { dataPaths } from '../../store/layout.ts';
import { failure, ok, parseFailure, warning } from '../terminal/findings.ts';

const minNode = [20, 12] as const;
/** With less free space a loop soon fails. */
const minFreeGiB = 0.5;
/** With less free space a loop may fail in a long night. */
const enoughFreeGiB = 5;

export interface Surroundings {
  data: string;
  settings: WorkerSettings;
  /** Null: check what any loop needs. */
  config: LoopConfig | null;
}

/** Checks what a loop needs of this machine, beside server and worker. */
export async function checkEnvironment({ data, settings, config }: Surroundings): Promise<Finding[]> {
  const { kind, findings } = await checkSandbox(data, settings);
  return [
    checkNode(),
    checkLoad(),
    await checkDisk(data),
    ...findings,
    ...checkTools(settings, config, kind),
    await checkModel(settings, config),
  ];
}

function checkNode(): Finding {
  const version = process.versions.node;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < minNode[0] || (major === minNode[0] && minor < minNode[1]);
  return isOld
    ? failure('node', `${version} is too old`, `install Node.js ${minNode.join('.')} or newer`)
    : ok('node', version);
}

function checkLoad(): Finding {
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  const fact = `load ${load.toFixed(1)} on ${cores} ${cores === 1 ? 'core' : 'cores'}`;
  if (load <= cores / 2) return ok('machine', fact);
  return warning('machine', `${fact}: it is busy, and measuring takes longer`, 'end other programs');
}

async function checkDisk(data: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(nearestExisting(data));
  const gib = (bavail * bsize) / 2 ** 30;
  const fact = `${gib.toFixed(1)} GiB free for ${data}`;
  if (gib >= enoughFreeGiB) return ok('disk', fact);
  return (gib < minFreeGiB ? failure : warning)('disk', fact, 'make room, or give another place with --data');
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** Starts real sandboxes, as the worker does at its start. */
async function checkSandbox(
  data: string,
  settings: WorkerSettings,
): Promise<{ kind: SandboxKind; findings: Finding[] }> {
  try {
    const sandbox = await createSandbox({
      allowUnsandboxed: settings.unsandboxed,
      generatedDirectory: dataPaths(data).sandbox,
    });
    const { kind, limitsLayer } = sandbox;
    const problems = await createMachineLock(sandbox).exclusively(({ selfTest }) => selfTest(settings.tools));
    // checkTools tells of tools.
    const findings = problems.filter((problem) => !problem.startsWith('tools:')).map((line) => parseFailure(line));
    return { kind, findings: findings.length > 0 ? findings : [describeSandbox(kind, limitsLayer)] };
  } catch (error) {
    if (!(error instanceof SandboxUnavailable)) throw error;
    return { kind: 'none', findings: [parseFailure(error.message)] };
  }
}

function describeSandbox(kind: SandboxKind, layer: LimitsLayer): Finding {
  if (kind === 'none') {
    const fact = 'NONE, as the settings allow: what a model writes runs with your rights';
    return warning('sandbox', fact, 'install bubblewrap, and leave out --allow-unsandboxed');
  }
  const fact = `bubblewrap holds; limits by ${limitsLayerText[layer]}`;
  if (layer === 'cgroup') return ok('sandbox', fact);
  return warning('sandbox', fact, 'let the worker use control groups (as root) where a candidate may be hostile');
}

function checkTools(settings: WorkerSettings, config: LoopConfig | null, kind: SandboxKind): Finding[] {
  const missing = ['git', 'flock']
    .filter((tool) => findOnPath(tool) === null)
    .map((tool) => `tools: ${tool} is not on this machine's PATH; install it`);
  const problems = [
    ...missing,
    ...(kind === 'none' ? [] : findToolchains(settings.tools).problems),
    ...(config ? commandsOf(config) : []).flatMap(([, command]) => checkCommandTools(command, settings.tools, kind)),
  ];
  if (problems.length > 0) return [...new Set(problems)].map((problem) => parseFailure(problem));
  return [ok('tools', ['git', 'flock', ...settings.tools].join(', '))];
}

/** Finds the model that `prepare` would choose. */
async function checkModel({ ollamaHost, commandSources }: WorkerSettings, config: LoopConfig | null): Promise<Finding> {
  const { source, model, command } = config?.hypothesis ?? { source: 'auto' };
  if (source === 'command') {
    if (command !== undefined && Object.hasOwn(commandSources, command))
      return ok('model', `command source ${command}`);
    const remedy = 'give it with --command-source name=program';
    return failure('model', `the command source "${command}" is not allowed`, remedy);
  }
  const ollama = source === 'embedded' ? null : await findOllama(ollamaHost);
  const needsOllama = source === 'ollama' || model !== undefined;
  if (needsOllama && !ollama)
    return failure('model', `Ollama does not answer at ${ollamaHost}`, 'start it with "ollama serve"');
  if (model && !ollama!.models.some((name) => name === model || name === `${model}:latest`))
    return failure('model', `"${model}" is not pulled`, `run "ollama pull ${model}"`);
  if (model) return ok('model', `Ollama has ${model}`);
  if (ollama && ollama.models.length > 0)
    return ok('model', `Ollama at ${ollamaHost} has ${ollama.models.slice(0, 3).join(', ')}`);
  if (needsOllama)
    return failure('model', `Ollama at ${ollamaHost} has no model`, 'run "ollama pull qwen2.5-coder:7b"');
  return checkEmbeddedModel(source === 'embedded' ? '' : `no Ollama at ${ollamaHost}; `);
}

function checkEmbeddedModel(prefix: string): Finding {
  try {
    const fact = `${prefix}the embedded ${createEmbeddedModel().name} is there, which is for trying the loop`;
    const remedy = 'for real code install Ollama and pull a coding model ("ollama pull qwen2.5-coder:7b")';
    return warning('model', fact, remedy);
  } catch (error) {
    const fact = `no Ollama, and ${(error as Error).message.split('; ')[0]}`;
    return failure('model', fact, 'run "node scripts/setup.mjs", or install Ollama');
  }
}
