/** The mean of each window of `width` numbers. */
export function moving(numbers, width) {
  const means = [];
  for (let start = 0; start + width <= numbers.length; start++) {
    const window = numbers.slice(start, start + width);
    means.push(window.reduce((sum, number) => sum + number, 0) / width);
  }
  return means;
}
