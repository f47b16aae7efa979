import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { createMachineLock } from '../../adapters/machine-lock.ts';
import { chooseModel, type ChosenModel } from '../../adapters/models/choose.ts';
import { openEmbeddedModel, type EmbeddedModel } from '../../adapters/models/embedded.ts';
import { ModelError } from '../../adapters/models/model.ts';
import { probe, speedText, type Probed } from '../../adapters/models/probe.ts';
import { checkCommandTools } from '../../adapters/sandbox/command-tools.ts';
import { limitsLayerText, type LimitsLayer, type SandboxKind } from '../../adapters/sandbox/contract.ts';
import { createSandbox } from '../../adapters/sandbox/create.ts';
import { findOnPath, findToolchains } from '../../adapters/sandbox/tools.ts';
import { SandboxUnavailable } from '../../adapters/sandbox/unavailable.ts';
import type { Finding } from '../../domain/checks.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { commandsOf } from '../../domain/config/plan.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { formBySize } from '../../domain/proposal/form.ts';
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

/** Takes the model that `prepare` would take, and puts one small question to it. */
async function checkModel(settings: WorkerSettings, config: LoopConfig | null): Promise<Finding> {
  const hypothesis = config?.hypothesis ?? anyHypothesis;
  const { source, command } = hypothesis;
  if (source === 'command') {
    if (command !== undefined && Object.hasOwn(settings.commandSources, command))
      return ok('model', `command source ${command}`);
    const remedy = 'give it with --command-source name=program';
    return failure('model', `the command source "${command}" is not allowed`, remedy);
  }
  if (source === 'tune') return ok('model', 'none is needed: "tune" searches the values of named constants');
  let opened: EmbeddedModel | null = null;
  const embedded = async () => (opened = await openEmbeddedModel({ model: settings.embeddedModel }));
  try {
    const chosen = await chooseModel({ ...settings, embedded }, hypothesis);
    return describeModel(chosen, await createMachineLock(nothing, { name: 'doctor' }).exclusively(() => probe(chosen)));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return parseFailure(error.message, 'model');
  } finally {
    await (opened as EmbeddedModel | null)?.close();
  }
}

const anyHypothesis = { source: 'auto', contextTokens: 16_384, repairs: 1 } as LoopConfig['hypothesis'];
/** No command is run while the model answers. */
const nothing = { run: neverCalled, selfTest: neverCalled };

function neverCalled(): Promise<never> {
  return Promise.reject(new Error('nothing is to be run here'));
}

function describeModel({ kind, model, why }: ChosenModel, { speed, doubt }: Probed): Finding {
  const facts = [why && `chosen: ${why}`, speedText(speed)].filter(Boolean).join('; ');
  const fact = `${kind} ${model.name} answers${facts ? ` (${facts})` : ''}`;
  const coder = 'for real code install Ollama and pull a coding model ("ollama pull qwen2.5-coder:7b")';
  if (formBySize(model.parameters) === 'choice')
    return warning(
      'model',
      `${fact}; it only chooses values of named constants, as "--source tune" does without a model`,
      coder,
    );
  return doubt ? warning('model', `${fact}; ${doubt}`, coder) : ok('model', fact);
}
