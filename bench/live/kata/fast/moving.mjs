/** The mean of each window of `width` numbers. */
export function moving(numbers, width) {
  const means = [];
  for (let start = 0; start + width <= numbers.length; start++) {
    let sum = 0;
    for (let index = start; index < start + width; index++) sum += numbers[index];
    means.push(sum / width);
  }
  return means;
}
