/** Reads a model from standard input and prints its loss on the validation text. No code of the model's side runs here. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { activations, partsOf } from '../shape.mjs';
import { encode, readTraining } from '../training.mjs';

const { alphabet } = readTraining();
const validation = encode(readFileSync(new URL('validation.txt', import.meta.url), 'utf8'), alphabet);
const { shape, weights } = readAnswer(readFileSync(0, 'utf8'));
console.log(`METRIC loss=${meanLoss(shape, weights).toFixed(6)}`);
console.log(
  `CHECK ${validation.length} characters ${createHash('sha256').update(validation).digest('hex').slice(0, 16)}`,
);

function readAnswer(text) {
  const answer = JSON.parse(text);
  const bytes = Buffer.from(answer.weights, 'base64');
  const weights = {};
  let at = 0;
  for (const { name, rows, columns } of partsOf(answer.shape, alphabet.length)) {
    weights[name] = Float32Array.from({ length: rows * columns }, () => bytes.readFloatLE(4 * at++));
    if (!weights[name].every(Number.isFinite)) throw new Error(`${name}: not all weights are finite numbers`);
  }
  if (bytes.length !== 4 * at) throw new Error(`the answer has ${bytes.length / 4} weights, its shape ${at}`);
  return { shape: answer.shape, weights };
}

/** Surprise at the next character in nats, the mean over all that have a whole context before them. */
function meanLoss(shape, weights) {
  let sum = 0;
  for (let at = shape.context; at < validation.length; at++) {
    const scores = predict(shape, weights, validation.subarray(at - shape.context, at));
    const largest = Math.max(...scores);
    const total = scores.reduce((total, score) => total + Math.exp(score - largest), 0);
    sum += Math.log(total) + largest - scores[validation[at]];
  }
  return sum / (validation.length - shape.context);
}

/** Scores of all characters to come next; higher is likelier. */
function predict({ embedding, layers, activation }, weights, characters) {
  let values = [...characters].flatMap((one) => [
    ...weights.embedding.subarray(one * embedding, (one + 1) * embedding),
  ]);
  for (let layer = 0; layer <= layers; layer++) {
    const [matrix, biases] = [weights[`weights ${layer}`], weights[`biases ${layer}`]];
    const next = new Array(biases.length);
    for (let row = 0; row < biases.length; row++) {
      let sum = biases[row];
      for (let column = 0; column < values.length; column++)
        sum += matrix[row * values.length + column] * values[column];
      next[row] = layer < layers ? activations[activation](sum) : sum;
    }
    values = next;
  }
  return values;
}
