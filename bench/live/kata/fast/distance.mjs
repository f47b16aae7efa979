/** Levenshtein's distance of two strings. */
export function distance(a, b) {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  let row = new Array(b.length + 1);
  for (let i = 1; i <= a.length; i++) {
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    [above, row] = [row, above];
  }
  return above[b.length];
}
