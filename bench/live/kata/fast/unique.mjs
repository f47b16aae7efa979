/** The items without repetitions, in order of first appearance. */
export function unique(items) {
  return [...new Set(items)];
}
