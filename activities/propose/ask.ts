import { runCommandSource } from '../../adapters/models/command.ts';
import { createOllamaModel } from '../../adapters/models/ollama.ts';
import { ModelError, type Model, type ModelAnswer } from '../../adapters/models/model.ts';
import type { Brief } from '../../domain/proposal/brief.ts';
import type { Question } from '../../domain/proposal/prompt.ts';
import { answerSeconds } from '../../domain/config/timeouts.ts';
import type { HeldContext } from '../loop/context.ts';
import { countModelAnswer } from '../metrics.ts';

export interface Answer {
  /** The answer as it came; empty where none came. */
  text: string;
  /** The reason for no answer, or null. */
  problem: string | null;
  tokens: number;
}

/**
 * Asks the loop's source for a hypothesis, and counts how long it takes.
 * @param question of a model; null for a command source, which gets the brief itself
 */
export async function ask(context: HeldContext, brief: Brief, question: Question | null): Promise<Answer> {
  const began = performance.now();
  const answer = question ? await askModel(context, question, brief.seed) : await askCommand(context, brief);
  countModelAnswer((performance.now() - began) / 1000);
  return answer;
}

async function askCommand({ loop, signal }: HeldContext, brief: Brief): Promise<Answer> {
  const { commandSource } = loop.grants;
  if (!commandSource) return noAnswer('hypothesis.command: names no command source');
  const result = await runCommandSource({ ...commandSource, brief, signal });
  return 'text' in result ? { text: result.text, problem: null, tokens: 0 } : noAnswer(result.problem);
}

async function askModel(context: HeldContext, question: Question, seed: number): Promise<Answer> {
  const { signal } = context;
  const model = await openModel(context);
  const timeout = AbortSignal.timeout(answerSeconds * 1000);
  try {
    const reply = await model.ask({ ...question, seed, signal: AbortSignal.any([signal, timeout]) });
    return { text: reply.text, problem: problemOf(reply), tokens: reply.promptTokens + reply.answerTokens };
  } catch (error) {
    // The engine's own complaint about this question is an outcome; a server that is away may come back.
    if (error instanceof ModelError && error.kind === 'refused') return noAnswer(error.message);
    // A model that hangs must not take the night.
    if (timeout.aborted && !signal.aborted) return noAnswer(`answer: did not come within ${answerSeconds} s`);
    throw error;
  }
}

function problemOf({ text, cut, hasThought, answerTokens }: ModelAnswer): string | null {
  if (hasThought && text.trim() === '')
    return `answer: the model thought for ${answerTokens} tokens and gave none; raise hypothesis.contextTokens, or take a model that thinks less`;
  return cut ? `answer: was cut at ${answerTokens} tokens, before its end` : null;
}

function noAnswer(problem: string): Answer {
  return { text: '', problem, tokens: 0 };
}

function openModel({ worker, loop: { plan } }: HeldContext): Promise<Model> {
  const { kind, name: model, contextTokens, thoughtTokens } = plan.source;
  return kind === 'embedded'
    ? worker.embedded()
    : createOllamaModel({ host: worker.settings.ollamaHost, model, contextTokens: contextTokens + thoughtTokens });
}
