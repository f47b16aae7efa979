/** Joins intervals that overlap or touch; returns new ones in the order of their starts. */
export function mergeIntervals(intervals) {
  const merged = intervals.map(([start, end]) => [start, end]);
  let changed = true;
  while (changed) {
    changed = false;
    for (let i = 0; i < merged.length && !changed; i++) {
      for (let j = i + 1; j < merged.length; j++) {
        if (merged[i][0] <= merged[j][1] && merged[j][0] <= merged[i][1]) {
          merged[i] = [Math.min(merged[i][0], merged[j][0]), Math.max(merged[i][1], merged[j][1])];
          merged.splice(j, 1);
          changed = true;
          break;
        }
      }
    }
  }
  return merged.sort((a, b) => a[0] - b[0]);
}
