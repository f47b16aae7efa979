/** The items without repetitions, in order of first appearance. */
export function unique(items) {
  return items.filter((item, index) => items.indexOf(item) === index);
}
