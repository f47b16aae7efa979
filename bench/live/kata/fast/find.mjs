/** For each value the index of the first item that is not below it, in a sorted list. */
export function find(sorted, values) {
  return values.map((value) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}
