import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { runCommandSource } from '../../adapters/models/command.ts';
import { ModelError, type ModelAnswer } from '../../adapters/models/model.ts';
import type { Source } from '../../domain/config/plan.ts';
import type { Brief } from '../../domain/proposal/brief.ts';
import type { Question } from '../../domain/proposal/prompt.ts';
import { answerSeconds } from '../../domain/config/timeouts.ts';
import type { LastingFault } from '../../domain/steps.ts';
import type { HeldContext } from '../loop/context.ts';
import { countModelAnswer } from '../metrics.ts';
import { openSource } from './source.ts';

export interface Answer {
  /** The answer as it came; empty where none came. */
  text: string;
  /** The reason for no answer, or null. */
  problem: string | null;
  tokens: number;
}

/** Attempts, in all, at what should last: a server that starts again may have no model or memory for a moment. */
const attempts = 3;
const lastingFault: LastingFault = 'LastingFault';

/**
 * Asks the loop's source for a hypothesis, and counts how long it takes.
 * @param question of a model; null for a command source, which gets the brief itself
 * @throws ApplicationFailure "LastingFault", which ends the loop; ModelError where a server may come back
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

async function askModel({ worker, loop, signal }: HeldContext, question: Question, seed: number): Promise<Answer> {
  const { source } = loop.plan;
  if (source.kind === 'command' || source.kind === 'tune')
    return noAnswer(`hypothesis.source: "${source.kind}" is asked no question`);
  const seconds = secondsFor(source, question);
  const timeout = AbortSignal.timeout(seconds * 1000);
  try {
    const model = await openSource(worker, { ...source, kind: source.kind });
    const reply = await model.ask({ ...question, seed, signal: AbortSignal.any([signal, timeout]) });
    return {
      text: reply.text,
      problem: problemOf(reply, question.maxTokens),
      tokens: reply.promptTokens + reply.answerTokens,
    };
  } catch (error) {
    // A model that hangs must not take the night.
    if (timeout.aborted && !signal.aborted) return noAnswer(tooSlow(source.name, seconds));
    if (!(error instanceof ModelError)) throw error;
    // The engine's own complaint about this question is an outcome; a server that is away may come back.
    if (error.kind === 'refused') return noAnswer(error.message);
    if (error.kind === 'lasting' && activityInfo().attempt >= attempts)
      throw ApplicationFailure.nonRetryable(error.message, lastingFault);
    throw error;
  }
}

/** Roughly: characters in a token, and how much slower than its first answer a model may be. */
const [charactersPerToken, slowest] = [3, 5];
/** Loading a model again takes minutes. */
const loadSeconds = 300;

/** The time that an answer may take: by the speed of the model's first answer, where that is known. */
function secondsFor({ speed, thoughtTokens }: Source, { system, prompt, maxTokens }: Question): number {
  if (!speed) return answerSeconds;
  const promptTokens = (system.length + prompt.length) / charactersPerToken;
  const expected = promptTokens / speed.read + (maxTokens + thoughtTokens) / speed.write;
  return Math.min(answerSeconds, Math.ceil(loadSeconds + slowest * expected));
}

function tooSlow(model: string, seconds: number): string {
  return `answer: "${model}" gave none within ${seconds} s; take a smaller model, or see its server's log if it hangs`;
}

function problemOf({ text, cut, hasThought, answerTokens }: ModelAnswer, maxTokens: number): string | null {
  if (hasThought && text.trim() === '')
    return `answer: the model thought for ${answerTokens} tokens and gave none; raise hypothesis.contextTokens, or take a model that thinks less`;
  return cut ? `answer: was cut at ${maxTokens} tokens, before its end; raise hypothesis.answerTokens` : null;
}

function noAnswer(problem: string): Answer {
  return { text: '', problem, tokens: 0 };
}
