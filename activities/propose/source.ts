import type { Model } from '../../adapters/models/model.ts';
import { findOllama, createOllamaModel } from '../../adapters/models/ollama.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { commandSource, type Source } from '../../domain/config/plan.ts';
import { formBySize } from '../../domain/proposal/form.ts';
import type { Worker } from '../loop/resources.ts';
import { refused } from '../loop/refusal.ts';

/** Taken where the loop names no model and it is there. */
const preferredModel = 'qwen2.5-coder:7b';

/** Chooses the source: a named one is never replaced; "auto" takes Ollama if it answers, else the embedded engine. */
export async function chooseSource(worker: Worker, { hypothesis }: LoopConfig): Promise<Source> {
  const { source, model, command, contextTokens } = hypothesis;
  if (source === 'command') return commandSource(command!);
  if (source === 'embedded') return embedded(worker, contextTokens);
  const host = worker.settings.ollamaHost;
  const ollama = await findOllama(host);
  const named = model ?? (source === 'ollama' ? 'any model' : null);
  if (!ollama) {
    if (named === null) return embedded(worker, contextTokens);
    throw refused(
      `hypothesis.model: Ollama does not answer at ${host}, and ${named} was asked for; start it with "ollama serve"`,
    );
  }
  const chosen = model ?? ollama.models.find((name) => name === preferredModel) ?? ollama.models[0];
  if (!chosen) {
    if (named === null) return embedded(worker, contextTokens);
    throw refused(`hypothesis.model: Ollama at ${host} has no model; run "ollama pull ${preferredModel}"`);
  }
  if (!ollama.models.some((name) => name === chosen || name === `${chosen}:latest`))
    throw refused(`hypothesis.model: "${chosen}" is not pulled at ${host}; run "ollama pull ${chosen}"`);
  const opened = await createOllamaModel({ host, model: chosen, contextTokens });
  return sourceOf('ollama', opened, opened.contextTokens);
}

async function embedded(worker: Worker, contextTokens: number): Promise<Source> {
  const model = await worker.embedded().catch((error: unknown) => {
    throw refused(`hypothesis.source: ${(error as Error).message}`);
  });
  return sourceOf('embedded', model, Math.min(contextTokens, model.contextTokens));
}

function sourceOf(
  kind: 'ollama' | 'embedded',
  { name, thoughtTokens, parameters }: Model,
  contextTokens: number,
): Source {
  return { kind, name, contextTokens, thoughtTokens, form: formBySize(parameters), speed: null };
}
