/** Trains until the budget is used up, and prints the model: its shape, and its weights as base64. */
import { createLearner } from './src/learner.mjs';
import { operationsOf, partsOf } from './shape.mjs';
import { readTraining } from './training.mjs';

/** Floating-point operations, so that a slow machine learns as much as a fast one. */
const BUDGET = 1.2e9;

const { alphabet, training } = readTraining();
const seed = Number(process.env.BENCH_SEED ?? 1);
const learner = createLearner({ text: training, characters: alphabet.length, seed });
const shape = { ...learner.shape };
const steps = Math.floor(BUDGET / operationsOf(learner, alphabet.length));
for (let step = 0; step < steps; step++) learner.step(step / steps);

const weights = partsOf(shape, alphabet.length).flatMap(({ name, rows, columns }) => {
  const part = learner.weights[name];
  if (part?.length !== rows * columns) throw new Error(`${name} has ${part?.length} weights, not ${rows} x ${columns}`);
  return [...part];
});
const bytes = Buffer.alloc(4 * weights.length);
weights.forEach((weight, index) => bytes.writeFloatLE(weight, 4 * index));
console.log(JSON.stringify({ shape, weights: bytes.toString('base64') }));
