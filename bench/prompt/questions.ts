import type { Form } from '../../domain/proposal/form.ts';
import type { Question } from '../../domain/proposal/prompt.ts';
import { questionFor } from '../questions/ask.ts';
import { targets } from '../questions/targets.ts';

/** One of the product's questions, about one of the tasks. */
export interface Asked {
  /** Name of a target of bench/questions. */
  task: string;
  iteration: number;
  question: Pick<Question, 'system' | 'prompt' | 'schema' | 'maxTokens' | 'shown'>;
}

/** Fewer tell too little in one run. */
export const leastAnswers = 30;
/** After so many iterations each kind of question has come equally often, whether there are two or three. */
const turns = 6;

/** The product's questions about each task, of every kind. */
export async function allQuestions(form: Form = 'rewrite'): Promise<Asked[]> {
  const all: Asked[] = [];
  for (const target of targets)
    for (let iteration = 1; iteration <= turns; iteration++) {
      const { system, prompt, schema, maxTokens, shown } = await questionFor(target, iteration, { form });
      all.push({ task: target.name, iteration, question: { system, prompt, schema, maxTokens, shown } });
    }
  return all;
}

/** Draws which kind of question each task gets; the tasks come in turn. */
export function drawQuestions(all: readonly Asked[], random: () => number, answers: number): Asked[] {
  return Array.from({ length: answers }, (_, index) => {
    const first = (index % targets.length) * turns;
    return all[first + Math.floor(random() * turns)]!;
  });
}
