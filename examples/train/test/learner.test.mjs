import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationsOf, partsOf } from '../shape.mjs';
import { createLearner } from '../src/learner.mjs';

const alphabet = ' abcdefghijk';
/** Each character follows from the one before it. */
const text = Uint8Array.from({ length: 4000 }, (_, index) => (index * 5) % alphabet.length);
const seed = Number(process.env.BENCH_SEED ?? 1);

test('a learner has the weights of its shape, and numbers in all of them', () => {
  const { shape, batch, weights } = train(0);
  assert.ok(Number.isInteger(batch) && batch > 0);
  const parts = partsOf(shape, alphabet.length);
  assert.deepEqual(Object.keys(weights).sort(), parts.map(({ name }) => name).sort());
  for (const { name, rows, columns } of parts) {
    assert.equal(weights[name].length, rows * columns, name);
    assert.ok(weights[name].every(Number.isFinite), name);
  }
});

test('the same seed gives the same weights, another one others', () => {
  assert.deepEqual(train(1e6).weights, train(1e6).weights);
  assert.notDeepEqual(train(1e6, seed + 1).weights, train(1e6).weights);
});

test('a learner keeps nothing of another one', () => {
  const alone = train(1e6).weights;
  const [one, other] = [make(seed), make(seed + 1)];
  for (let step = 0; step < stepsOf(one, 1e6); step++)
    for (const each of [other, one]) each.step(step / stepsOf(one, 1e6));
  assert.deepEqual(one.weights, alone);
});

test('every part of a model learns, and the text stays as it is', () => {
  const before = structuredClone(make(seed).weights);
  const copy = text.slice();
  const { weights } = train(1e6);
  for (const name of Object.keys(before)) assert.notDeepEqual(weights[name], before[name], name);
  assert.deepEqual(text, copy);
  for (const [name, part] of Object.entries(weights)) assert.ok(part.every(Number.isFinite), name);
});

test('a text without chance becomes less surprising the more is learned from it', () => {
  const chance = Math.log(alphabet.length);
  const [little, much] = [1e6, 1.6e8].map((operations) => loss(train(operations)));
  assert.ok(little < 1.2 * chance, `a loss of ${little} after little, against ${chance} by chance`);
  assert.ok(much < 0.9 * chance, `a loss of ${much} after much, against ${chance} by chance`);
});

function make(seed) {
  return createLearner({ text, characters: alphabet.length, seed });
}

function train(operations, of = seed) {
  const learner = make(of);
  const steps = stepsOf(learner, operations);
  for (let step = 0; step < steps; step++) learner.step(step / steps);
  return learner;
}

function stepsOf(learner, operations) {
  return Math.ceil(operations / operationsOf(learner, alphabet.length));
}

/** Plainer than the evaluation and by itself, so that a fault in one of them shows. */
function loss({ shape: { context, embedding, layers, activation }, weights }) {
  const places = Array.from({ length: 200 }, (_, index) => context + index);
  const act = activation === 'tanh' ? Math.tanh : (value) => Math.max(0, value);
  const sum = places.reduce((sum, place) => {
    let values = [...text.slice(place - context, place)].flatMap((one) =>
      Array.from({ length: embedding }, (_, index) => weights.embedding[one * embedding + index]),
    );
    for (let layer = 0; layer <= layers; layer++) {
      const [matrix, biases] = [weights[`weights ${layer}`], weights[`biases ${layer}`]];
      const scores = Array.from(biases, (bias, row) =>
        values.reduce((sum, value, column) => sum + value * matrix[row * values.length + column], bias),
      );
      values = layer < layers ? scores.map(act) : scores;
    }
    return sum - values[text[place]] + Math.log(values.reduce((sum, score) => sum + Math.exp(score), 0));
  }, 0);
  return sum / places.length;
}
