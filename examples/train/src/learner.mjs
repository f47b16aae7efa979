import { addInto, createRandom, dense, denseBackward, softmaxBackward } from './arithmetic.mjs';

/** Characters that are seen, and numbers for each of them. */
const CONTEXT = 3;
const EMBEDDING = 6;
/** Hidden layers, and their units. */
const LAYERS = 1;
const WIDTH = 32;
/** Spread of the first weights, as a share of 1 / sqrt(inputs). */
const SPREAD = 0.5;
/** Examples of one step. */
const BATCH = 64;
const RATE = 0.03;
/** Share of the velocity that a step forgets: 1 is no momentum. */
const FRICTION = 1;
/** Share of the budget in which the rate falls to 0, at the end. */
const COOLDOWN = 0.02;
/** Largest length of a gradient. */
const CLIP = 1;

const SHAPE = { context: CONTEXT, embedding: EMBEDDING, width: WIDTH, layers: LAYERS, activation: 'tanh' };

/**
 * Makes a model that learns to tell the next character. The answers are the same for the same text and seed.
 * @param text what it learns from, as indexes of characters
 * @returns `step` learns from `batch` examples, at a share of the budget that is used up
 */
export function createLearner({ text, characters, seed }) {
  const random = createRandom(seed);
  const weights = firstWeights(characters, random);
  const velocity = likeThem(weights);
  const step = (progress) => {
    const { inputs, targets } = drawBatch(text, random);
    const gradients = gradientsOf(weights, inputs, targets);
    update(weights, velocity, gradients, rateAt(progress));
  };
  return { shape: SHAPE, batch: BATCH, weights, step };
}

function firstWeights(characters, random) {
  const sizes = [CONTEXT * EMBEDDING, ...Array(LAYERS).fill(WIDTH), characters];
  const spread = (length, scale) => Float32Array.from({ length }, () => (2 * random() - 1) * scale);
  const weights = { embedding: spread(characters * EMBEDDING, SPREAD) };
  for (let layer = 0; layer <= LAYERS; layer++) {
    weights[`weights ${layer}`] = spread(sizes[layer + 1] * sizes[layer], SPREAD / Math.sqrt(sizes[layer]));
    weights[`biases ${layer}`] = new Float32Array(sizes[layer + 1]);
  }
  return weights;
}

function likeThem(weights) {
  return Object.fromEntries(Object.entries(weights).map(([name, { length }]) => [name, new Float32Array(length)]));
}

/** Draws places of the text at random: what stands before each, and the character there. */
function drawBatch(text, random) {
  const inputs = new Uint8Array(BATCH * CONTEXT);
  const targets = new Uint8Array(BATCH);
  for (let example = 0; example < BATCH; example++) {
    const at = CONTEXT + Math.floor(random() * (text.length - CONTEXT));
    inputs.set(text.subarray(at - CONTEXT, at), example * CONTEXT);
    targets[example] = text[at];
  }
  return { inputs, targets };
}

/** The gradients of the mean loss of a batch. */
export function gradientsOf(weights, inputs, targets) {
  const values = [embed(weights.embedding, inputs)];
  for (let layer = 0; layer <= LAYERS; layer++) {
    const next = dense(values[layer], weights[`weights ${layer}`], weights[`biases ${layer}`]);
    values.push(layer < LAYERS ? next.map(Math.tanh) : next);
  }
  const gradients = likeThem(weights);
  let slope = softmaxBackward(values[LAYERS + 1], targets);
  for (let layer = LAYERS; layer >= 0; layer--) {
    if (layer < LAYERS) slope = slope.map((one, index) => one * (1 - values[layer + 1][index] ** 2));
    const own = { matrix: gradients[`weights ${layer}`], biases: gradients[`biases ${layer}`] };
    slope = denseBackward(values[layer], weights[`weights ${layer}`], slope, own);
  }
  inputs.forEach((character, index) =>
    addInto(gradients.embedding, character * EMBEDDING, slope.subarray(index * EMBEDDING, (index + 1) * EMBEDDING)),
  );
  return gradients;
}

function embed(embedding, inputs) {
  const values = new Float32Array(inputs.length * EMBEDDING);
  inputs.forEach((character, index) =>
    values.set(embedding.subarray(character * EMBEDDING, (character + 1) * EMBEDDING), index * EMBEDDING),
  );
  return values;
}

function rateAt(progress) {
  return RATE * Math.min(1, (1 - progress) / COOLDOWN);
}

/** Moves the weights against their gradients. */
export function update(weights, velocity, gradients, rate) {
  const length = Math.sqrt(Object.values(gradients).reduce((sum, part) => sum + squares(part), 0));
  const scale = length > CLIP ? CLIP / length : 1;
  for (const name of Object.keys(weights)) {
    const [own, speed, gradient] = [weights[name], velocity[name], gradients[name]];
    for (let index = 0; index < own.length; index++) {
      speed[index] = (1 - FRICTION) * speed[index] + scale * gradient[index];
      own[index] -= rate * speed[index];
    }
  }
}

function squares(part) {
  let sum = 0;
  for (const value of part) sum += value * value;
  return sum;
}
