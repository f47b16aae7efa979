/** Outputs of a layer for each example: rows of the matrix are outputs. */
export function dense(inputs, matrix, biases) {
  const [outputs, columns] = [biases.length, matrix.length / biases.length];
  const examples = inputs.length / columns;
  const results = new Float32Array(examples * outputs);
  for (let example = 0; example < examples; example++) {
    const from = example * columns;
    for (let row = 0; row < outputs; row++) {
      let sum = biases[row];
      for (let column = 0; column < columns; column++) sum += matrix[row * columns + column] * inputs[from + column];
      results[example * outputs + row] = sum;
    }
  }
  return results;
}

/** Adds a layer's gradients into `own`, and returns those of its inputs. */
export function denseBackward(inputs, matrix, slope, own) {
  const [outputs, columns] = [own.biases.length, matrix.length / own.biases.length];
  const results = new Float32Array(inputs.length);
  for (let example = 0; example < slope.length / outputs; example++) {
    const from = example * columns;
    for (let row = 0; row < outputs; row++) {
      const one = slope[example * outputs + row];
      own.biases[row] += one;
      for (let column = 0; column < columns; column++) {
        own.matrix[row * columns + column] += one * inputs[from + column];
        results[from + column] += one * matrix[row * columns + column];
      }
    }
  }
  return results;
}

/** Slope of the mean loss by each score: the chance that the softmax gives, less 1 for the right one. */
export function softmaxBackward(scores, targets) {
  const outputs = scores.length / targets.length;
  const slope = new Float32Array(scores.length);
  targets.forEach((target, example) => {
    const own = scores.subarray(example * outputs, (example + 1) * outputs);
    const largest = Math.max(...own);
    const chances = own.map((score) => Math.exp(score - largest));
    const total = chances.reduce((sum, chance) => sum + chance, 0) * targets.length;
    slope.set(
      chances.map((chance) => chance / total),
      example * outputs,
    );
    slope[example * outputs + target] -= 1 / targets.length;
  });
  return slope;
}

export function addInto(to, from, values) {
  for (let index = 0; index < values.length; index++) to[from + index] += values[index];
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
