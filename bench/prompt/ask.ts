/**
 * Prints the product's own questions about a fixed set of tasks as JSON: the benchmark's command of examples/prompt. Which
 * kind of question each task gets is drawn from BENCH_SEED.
 * Usage: node --import tsx bench/prompt/ask.ts [--answers 96, at least 30] [--form rewrite | blocks]
 */
import { parseArgs } from 'node:util';
import { forms, type Form } from '../../domain/proposal/form.ts';
import { createCoin } from '../../domain/verdict/decision.ts';
import { allQuestions, drawQuestions, leastAnswers } from './questions.ts';

const { values } = parseArgs({
  options: { answers: { type: 'string', default: '96' }, form: { type: 'string', default: 'rewrite' } },
});
const answers = Number(values.answers);
if (!Number.isInteger(answers) || answers < leastAnswers)
  throw new Error(`--answers: ${values.answers}; give a whole number of ${leastAnswers} or more`);
if (!forms.includes(values.form as Form)) throw new Error(`--form: ${values.form}; give one of ${forms.join(', ')}`);

const random = createCoin(Number(process.env['BENCH_SEED'] ?? Math.floor(Math.random() * 2 ** 32)));
console.log(JSON.stringify(drawQuestions(await allQuestions(values.form as Form), random, answers)));
