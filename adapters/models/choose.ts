import { totalmem } from 'node:os';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import type { Source } from '../../domain/config/plan.ts';
import { ModelError, type Model } from './model.ts';
import { canChat, createOllamaModel, findOllama, type ListedModel } from './ollama.ts';

/** Taken where none is named and it is there. */
const preferredModel = 'qwen2.5-coder:7b';
const pull = `run "ollama pull ${preferredModel}"`;

export type ModelKind = Exclude<Source['kind'], 'command' | 'tune'>;
type Engines = Pick<WorkerSettings, 'ollamaHost' | 'openai'> & {
  /** Starts the embedded model. */
  embedded: () => Promise<Model>;
};

export interface ChosenModel {
  kind: ModelKind;
  model: Model;
  /** Why this one, where nobody named it. */
  why: string | null;
}

/**
 * Opens the model that a config asks for: a named one is never replaced; "auto" takes Ollama if it answers, else the
 * embedded engine.
 * @throws ModelError
 */
export async function chooseModel(engines: Engines, hypothesis: LoopConfig['hypothesis']): Promise<ChosenModel> {
  const { source, model, contextTokens } = hypothesis;
  if (source === 'embedded') return embedded(engines, null);
  if (source === 'openai') return openAi(engines, model, contextTokens);
  const host = engines.ollamaHost;
  const listed = await findOllama(host).catch((error: unknown) => {
    if (source === 'auto' && model === undefined) return null;
    throw error;
  });
  if (!listed) {
    const named = model ?? (source === 'ollama' ? 'any model' : null);
    if (named === null) return embedded(engines, `no Ollama answers at ${host}`);
    throw lasting(`Ollama does not answer at ${host}, and ${named} was asked for; start it with "ollama serve"`);
  }
  if (model !== undefined && !listed.some(({ name }) => name === model || name === `${model}:latest`))
    throw lasting(`"${model}" is not pulled at ${host}; run "ollama pull ${model}"`);
  const best = model === undefined ? await bestOf(host, listed) : { name: model, why: null };
  if (best) {
    const opened = await createOllamaModel({ host, model: best.name, contextTokens });
    return { kind: 'ollama', model: opened, why: best.why };
  }
  const none = listed.length === 0 ? `Ollama at ${host} has no model` : `no model of Ollama at ${host} can chat`;
  if (source === 'auto') return embedded(engines, none);
  throw lasting(`${none}; ${pull}`);
}

/** Opens the model of a plan, with the room that its first question showed. */
export async function openModel(engines: Engines, source: Source & { kind: ModelKind }): Promise<Model> {
  const { kind, name: model, contextTokens, thoughtTokens } = source;
  const room = { model, contextTokens, thoughtTokens };
  if (kind === 'ollama') return createOllamaModel({ host: engines.ollamaHost, ...room });
  if (kind === 'openai') return createOpenAi(engines, room);
  return engines.embedded();
}

async function embedded({ embedded: open }: Engines, why: string | null): Promise<ChosenModel> {
  return { kind: 'embedded', model: await open(), why };
}

async function openAi(engines: Engines, model: string | undefined, contextTokens: number): Promise<ChosenModel> {
  return { kind: 'openai', model: await createOpenAi(engines, { model, contextTokens }), why: null };
}

/** Loads the client for this alone: most loops have no use for it. */
async function createOpenAi(
  { openai: server }: Engines,
  wanted: { model?: string | undefined; contextTokens: number; thoughtTokens?: number },
): Promise<Model> {
  const remedy = 'its owner can set "openai" in the worker\'s settings, and "run" takes --openai-url';
  if (!server)
    throw new ModelError('lasting', `hypothesis.source: this worker knows no OpenAI-compatible server; ${remedy}`);
  const { createOpenAiModel } = await import('./openai.ts');
  return createOpenAiModel({ server, ...wanted });
}

/** Takes the largest that is made for code and can chat, of those that leave half of the memory free; null: none. */
async function bestOf(host: string, listed: readonly ListedModel[]): Promise<{ name: string; why: string } | null> {
  const answers = await Promise.all(listed.map((one) => canChat(host, one)));
  const able = listed.filter((_, index) => answers[index]);
  if (able.length === 0) return null;
  const preferred = able.find(({ name }) => name === preferredModel);
  if (preferred) return { name: preferredModel, why: 'the one that is taken where it is there' };
  const coders = able.filter(({ name, family }) => /code|devstral/i.test(`${name} ${family}`));
  const kind = coders.length > 0 ? 'made for code' : 'that can chat, as none is made for code';
  const bySize = [...(coders.length > 0 ? coders : able)].sort((a, b) => b.bytes - a.bytes);
  const fitting = bySize.find(({ bytes }) => bytes <= totalmem() / 2);
  if (fitting) return { name: fitting.name, why: `the largest ${kind}, up to half of this machine's memory` };
  return { name: bySize.at(-1)!.name, why: `the smallest ${kind}: all need more than half of this machine's memory` };
}

function lasting(text: string): ModelError {
  return new ModelError('lasting', `hypothesis.model: ${text}`);
}
