import { activityInfo } from '@temporalio/activity';
import { chooseModel, openModel, type ChosenModel, type ModelKind } from '../../adapters/models/choose.ts';
import { ModelError, type Model } from '../../adapters/models/model.ts';
import { probe, type Asked, type Probed } from '../../adapters/models/probe.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { commandSource, tuneSource, type Source } from '../../domain/config/plan.ts';
import { formBySize } from '../../domain/proposal/form.ts';
import type { Worker, WorkerContext } from '../loop/resources.ts';
import { refused } from '../loop/refusal.ts';

/** A source that was asked one small question. */
export interface ProvenSource {
  source: Source;
  /** Why this model, where nobody named it. */
  why: string | null;
  /** A doubt about its first answer, for people; null: nothing to tell. */
  doubt: string | null;
}

type AnswerForm = Pick<Source, 'kind' | 'form'>;

/** Attempts, in all, at a fault that is most often gone within seconds: a server that starts again, say. */
const attempts = 3;

/** Chooses the source of a new loop, and asks it. @throws ApplicationFailure "Refused" where it cannot be asked */
export async function chooseSource(context: WorkerContext, { hypothesis }: LoopConfig): Promise<ProvenSource> {
  if (hypothesis.source === 'command') return { source: commandSource(hypothesis.command!), why: null, doubt: null };
  if (hypothesis.source === 'tune') return { source: tuneSource, why: null, doubt: null };
  return orRefused(async () => {
    const { kind, model, why } = await chooseModel(enginesOf(context.worker), hypothesis);
    const window = Math.min(model.contextTokens, hypothesis.contextTokens);
    return toProven({ kind, model, why }, window, await firstAnswer(context, { kind, model }));
  });
}

/** Tells what a new loop's source would answer with; null where no model is there. It is asked nothing. */
export async function formOfSource({ worker }: WorkerContext, { hypothesis }: LoopConfig): Promise<AnswerForm | null> {
  const { source, command } = hypothesis;
  if (source === 'command') return commandSource(command!);
  if (source === 'tune') return tuneSource;
  try {
    const { kind, model } = await chooseModel(enginesOf(worker), hypothesis);
    return { kind, form: formBySize(model.parameters) };
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

/** Asks the source of a loop that goes on: its server may have changed. */
export async function proveSource(context: WorkerContext, source: Source): Promise<ProvenSource> {
  const { kind } = source;
  if (kind === 'command' || kind === 'tune') return { source, why: null, doubt: null };
  return orRefused(async () => {
    const model = await openModel(enginesOf(context.worker), { ...source, kind });
    const { doubt, speed } = await firstAnswer(context, { kind, model });
    return { source: { ...source, speed: speed ?? source.speed }, why: null, doubt };
  });
}

function firstAnswer({ machineLock, signal, say }: WorkerContext, asked: Asked): Promise<Probed> {
  say(`one small question to ${asked.model.name}`);
  return machineLock.exclusively(() => probe(asked, signal));
}

/** Room for thoughts is kept for a model that has shown that it thinks. */
function toProven(
  { kind, model, why }: ChosenModel,
  window: number,
  { speed, hasThought, doubt }: Probed,
): ProvenSource {
  const thoughtTokens = hasThought ? model.thoughtTokens : 0;
  const contextTokens = window + (model.thoughtTokens - thoughtTokens);
  const form = formBySize(model.parameters);
  return { source: { kind, name: model.name, contextTokens, thoughtTokens, form, speed }, why, doubt };
}

/** Opens the model of a prepared loop. @throws ModelError */
export function openSource(worker: Worker, source: Source & { kind: ModelKind }): Promise<Model> {
  return openModel(enginesOf(worker), source);
}

function enginesOf({ settings, embedded }: Worker) {
  return { ...settings, embedded };
}

async function orRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    if (error.kind === 'transient' && activityInfo().attempt < attempts) throw error;
    throw refused(error.message);
  }
}
