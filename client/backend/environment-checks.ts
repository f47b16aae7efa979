import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { createBench } from '../../adapters/bench.ts';
import { createEmbeddedModel } from '../../adapters/models/embedded.ts';
import { findOllama } from '../../adapters/models/ollama.ts';
import { checkCommandTools } from '../../adapters/sandbox/command-tools.ts';
import { createSandbox } from '../../adapters/sandbox/create.ts';
import { limitsLayerText, type LimitsLayer, type SandboxKind } from '../../adapters/sandbox/contract.ts';
import { findOnPath, findToolchains } from '../../adapters/sandbox/tools.ts';
import { SandboxUnavailable } from '../../adapters/sandbox/unavailable.ts';
import type { Finding } from '../../domain/checks.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { dataPaths } from '../../store/layout.ts';

const oldestNode = [20, 12] as const;
/** Free space of the data directory, in GiB: below the first a loop soon fails, below the second it may in a long night. */
const [littleSpace, someSpace] = [0.5, 5];

/** What a loop needs of this machine, beside server and worker. */
export interface Surroundings {
  data: string;
  settings: WorkerSettings;
  /** Null where no loop is asked about. */
  config: LoopConfig | null;
}

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

/** "subject: fact; remedy", as every error of this product is written. */
export function failureOf(line: string, subject?: string): Finding {
  const [, own = '', rest = line] = /^([\w .-]+): (.*)$/s.exec(line) ?? [];
  const cut = rest.lastIndexOf('; ');
  const [fact, remedy] = cut < 0 ? [rest, null] : [rest.slice(0, cut), rest.slice(cut + 2)];
  return {
    subject: subject ?? own,
    state: 'failure',
    fact: subject && own && own !== subject ? `${own}: ${fact}` : fact,
    remedy,
  };
}

function checkNode(): Finding {
  const version = process.versions.node;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  return old
    ? {
        subject: 'node',
        state: 'failure',
        fact: `${version} is too old`,
        remedy: `install Node.js ${oldestNode.join('.')} or newer`,
      }
    : { subject: 'node', state: 'ok', fact: version, remedy: null };
}

function checkLoad(): Finding {
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  const fact = `load ${load.toFixed(1)} on ${cores} ${cores === 1 ? 'core' : 'cores'}`;
  return load > cores / 2
    ? {
        subject: 'machine',
        state: 'warning',
        fact: `${fact}: it is busy, and measuring takes longer`,
        remedy: 'end what runs beside',
      }
    : { subject: 'machine', state: 'ok', fact, remedy: null };
}

async function checkDisk(data: string): Promise<Finding> {
  const place = nearest(data);
  const { bavail, bsize } = await statfs(place);
  const gib = (bavail * bsize) / 2 ** 30;
  const fact = `${gib.toFixed(1)} GiB free for ${data}`;
  const remedy = 'make room, or give another place with --data';
  if (gib < littleSpace) return { subject: 'disk', state: 'failure', fact, remedy };
  return gib < someSpace
    ? { subject: 'disk', state: 'warning', fact, remedy }
    : { subject: 'disk', state: 'ok', fact, remedy: null };
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}

/** With real runs, as the worker does at its start. */
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
    const problems = await createBench(sandbox).exclusively(({ selfTest }) => selfTest(settings.tools));
    // Of tools there is a line of its own.
    const findings = problems.filter((problem) => !problem.startsWith('tools:')).map((problem) => failureOf(problem));
    return { kind, findings: findings.length > 0 ? findings : [describeSandbox(kind, limitsLayer)] };
  } catch (error) {
    if (!(error instanceof SandboxUnavailable)) throw error;
    return { kind: 'none', findings: [failureOf(error.message)] };
  }
}

function describeSandbox(kind: SandboxKind, layer: LimitsLayer): Finding {
  if (kind === 'none')
    return {
      subject: 'sandbox',
      state: 'warning',
      fact: 'NONE, as the settings allow: what a model writes runs with your rights',
      remedy: 'install bubblewrap, and leave out --allow-unsandboxed',
    };
  const fact = `bubblewrap holds; limits by ${limitsLayerText[layer]}`;
  if (layer === 'cgroup') return { subject: 'sandbox', state: 'ok', fact, remedy: null };
  return {
    subject: 'sandbox',
    state: 'warning',
    fact,
    remedy: 'let the worker use control groups (as root) where a candidate may be hostile',
  };
}

function checkTools(settings: WorkerSettings, config: LoopConfig | null, kind: SandboxKind): Finding[] {
  const needed = ['git', 'flock']
    .filter((tool) => findOnPath(tool) === null)
    .map((tool) => `tools: ${tool} is not on this machine's PATH; install it`);
  const commands = config
    ? [
        config.setup,
        config.build,
        config.test,
        config.benchmark.command,
        ...config.sideMetrics.map(({ command }) => command),
      ]
    : [];
  const own = kind === 'none' ? [] : findToolchains(settings.tools).problems;
  const problems = [
    ...needed,
    ...own,
    ...commands.flatMap((command) => (command ? checkCommandTools(command, settings.tools, kind) : [])),
  ];
  if (problems.length > 0) return [...new Set(problems)].map((problem) => failureOf(problem));
  return [{ subject: 'tools', state: 'ok', fact: ['git', 'flock', ...settings.tools].join(', '), remedy: null }];
}

/** What `prepare` would choose, without choosing it. */
async function checkModel({ ollamaHost, commandSources }: WorkerSettings, config: LoopConfig | null): Promise<Finding> {
  const { source, model, command } = config?.hypothesis ?? { source: 'auto' };
  const [ok, failure] = (['ok', 'failure'] as const).map(
    (state) =>
      (fact: string, remedy: string | null = null): Finding => ({
        subject: 'model',
        state,
        fact,
        remedy,
      }),
  );
  if (source === 'command') {
    const known = command !== undefined && Object.hasOwn(commandSources, command);
    return known
      ? ok!(`command source ${command}`)
      : failure!(`the command source "${command}" is not allowed`, 'give it with --command-source name=program');
  }
  const ollama = source === 'embedded' ? null : await findOllama(ollamaHost);
  const wanted = model ?? (source === 'ollama' ? '' : null);
  if (wanted !== null && !ollama)
    return failure!(`Ollama does not answer at ${ollamaHost}`, 'start it with "ollama serve"');
  if (model && !ollama!.models.some((name) => name === model || name === `${model}:latest`))
    return failure!(`"${model}" is not pulled`, `run "ollama pull ${model}"`);
  if (model) return ok!(`Ollama has ${model}`);
  if (ollama && ollama.models.length > 0)
    return ok!(`Ollama at ${ollamaHost} has ${ollama.models.slice(0, 3).join(', ')}`);
  if (wanted !== null) return failure!(`Ollama at ${ollamaHost} has no model`, 'run "ollama pull qwen2.5-coder:7b"');
  try {
    const { name } = createEmbeddedModel();
    const remedy = 'for real code install Ollama and pull a coding model ("ollama pull qwen2.5-coder:7b")';
    const fact = `${source === 'embedded' ? '' : `no Ollama at ${ollamaHost}; `}the embedded ${name} is there, which is for trying the loop`;
    return { subject: 'model', state: 'warning', fact, remedy };
  } catch (error) {
    return failure!(
      `no Ollama, and ${(error as Error).message.split('; ')[0]}`,
      'run "node scripts/setup.mjs", or install Ollama',
    );
  }
}
