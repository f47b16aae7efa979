/** Largest answer, in weights: what a tiny model is. */
const MOST_WEIGHTS = 60_000;

/**
 * A model reads `context` characters, each as a vector of `embedding` numbers, and has `layers` hidden layers of `width` units.
 * @returns its weights by name, in the order of an answer: rows of a matrix are its outputs, and biases follow them
 * @throws where it is no shape, or has too many weights
 */
export function partsOf(shape, characters) {
  const { context, embedding, width, layers, activation } = shape;
  for (const [name, value] of Object.entries({ context, embedding, width, layers }))
    if (!Number.isInteger(value) || value < 1 || value > 4096) throw new Error(`${name} is ${value}, not 1 to 4096`);
  if (!Object.hasOwn(activations, activation)) throw new Error(`activation is ${activation}, not tanh or relu`);
  const sizes = [context * embedding, ...Array(layers).fill(width), characters];
  const parts = [{ name: 'embedding', rows: characters, columns: embedding }];
  for (let layer = 0; layer <= layers; layer++) {
    parts.push({ name: `weights ${layer}`, rows: sizes[layer + 1], columns: sizes[layer] });
    parts.push({ name: `biases ${layer}`, rows: sizes[layer + 1], columns: 1 });
  }
  const weights = parts.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  if (weights > MOST_WEIGHTS) throw new Error(`the model has ${weights} weights, more than ${MOST_WEIGHTS}`);
  return parts;
}

export const activations = { tanh: Math.tanh, relu: (value) => Math.max(0, value) };

/** Operations that a step takes for each weight, beside those for its examples: it adds up, measures, and moves. */
const PER_WEIGHT = 20;

/**
 * Floating-point operations of a step: for each example two forward and four backward for each weight of a matrix, and
 * what each weight takes once.
 */
export function operationsOf({ shape, batch }, characters) {
  if (!Number.isInteger(batch) || batch < 1) throw new Error(`batch is ${batch}, no number of examples`);
  const parts = partsOf(shape, characters);
  const count = (some) => some.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const matrices = parts.filter(({ name }) => name.startsWith('weights'));
  return 6 * batch * count(matrices) + PER_WEIGHT * count(parts);
}
