/** For each value the index of the first item that is not below it, in a sorted list. */
export function find(sorted, values) {
  return values.map((value) => sorted.filter((item) => item < value).length);
}
