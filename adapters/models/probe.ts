import { randomUUID } from 'node:crypto';
import { formBySize, type Form } from '../../domain/proposal/form.ts';
import type { ModelKind } from './choose.ts';
import { ModelError, type Model, type ModelAnswer, type ModelQuestion } from './model.ts';

/** Longest answer to the small question, in seconds: loading a large model takes minutes. */
const probeSeconds = 600;

/** Facts that the first small question showed of a model. */
export interface Probed {
  speed: ModelAnswer['speed'];
  /** It thought though it was asked not to, or by the level that it cannot go below. */
  hasThought: boolean;
  /** What was wrong with its answer, and what would help; null where it kept to the form. */
  doubt: string | null;
}

/** A model, by the kind of its server. */
export interface Asked {
  kind: ModelKind;
  model: Model;
}

const program = `export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function histogram(words) {
  const counts = new Map();
  for (const word of words) {
    const key = word.trim().toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

export function total(values) {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum = sum + values[at];
  return sum;
}
`;
const rewriteQuestion = {
  prompt: `${program}\nWrite the function total anew. Answer with the whole function in one \`\`\` fence.`,
  schema: null,
  maxTokens: 200,
};
const choiceQuestion = {
  prompt: `${program}\nWhich constant should get which value: BLOCK_SIZE = 3 or CUTOFF = 5000?`,
  schema: {
    type: 'object',
    properties: { constant: { enum: ['BLOCK_SIZE', 'CUTOFF'] }, value: { enum: [16, 64, 256] } },
    required: ['constant', 'value'],
    additionalProperties: false,
  },
  maxTokens: 64,
};

/**
 * Puts one small question to a model: does it load and answer in the form, and at what speed?
 * @param signal ends the asking
 * @throws ModelError where it cannot be asked or is too slow
 */
export async function probe({ kind, model }: Asked, signal?: AbortSignal, seconds = probeSeconds): Promise<Probed> {
  const form = formBySize(model.parameters);
  const timeout = AbortSignal.timeout(seconds * 1000);
  const question: ModelQuestion = {
    ...(form === 'choice' ? choiceQuestion : rewriteQuestion),
    // Reading what a server has read before takes it no time.
    system: `Question ${randomUUID()}. You improve the performance of a program.`,
    seed: 1,
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  };
  try {
    // Its speed is taken by a clock outside of the server, to which loading would be reading.
    if (kind === 'openai') await model.ask({ ...question, prompt: 'Say "ready".', schema: null, maxTokens: 8 });
    const answer = await model.ask(question);
    return { speed: answer.speed, hasThought: answer.hasThought, doubt: doubtOf(answer, form) };
  } catch (error) {
    if (!timeout.aborted || signal?.aborted) throw error;
    const fact = `"${model.name}" did not answer a small question within ${seconds} s`;
    throw new ModelError('lasting', `hypothesis.model: ${fact}; take a smaller model, or a faster machine`, error);
  }
}

function doubtOf({ text, cut, hasThought, answerTokens }: ModelAnswer, form: Form): string | null {
  const thought = hasThought && text.trim() === '' && `thought for ${answerTokens} tokens and gave no answer`;
  const isInForm = form === 'choice' ? isChoice(text) : /```/.test(text) && /total/.test(text);
  const wrong =
    thought || (cut && `had no end after ${answerTokens} tokens`) || (!isInForm && 'was not in the form asked for');
  if (!wrong) return null;
  const subject = thought ? 'it' : 'its answer to a small question';
  return `${subject} ${wrong}: expect few answers that can be used; a larger model made for code would help`;
}

function isChoice(text: string): boolean {
  try {
    const { constant, value } = JSON.parse(text) as { constant?: unknown; value?: unknown };
    return typeof constant === 'string' && typeof value === 'number';
  } catch {
    return false;
  }
}

/** "reads 250 and writes 27 tokens a second" */
export function speedText(speed: ModelAnswer['speed']): string | null {
  if (!speed) return null;
  const shown = (rate: number) => (rate < 10 ? rate.toFixed(1) : String(Math.round(rate)));
  return `reads ${shown(speed.read)} and writes ${shown(speed.write)} tokens a second`;
}
