/** The entries with the highest counts, highest first; of equal ones the earlier first. */
export function top(entries, limit) {
  const rest = [...entries];
  const chosen = [];
  while (chosen.length < limit && rest.length > 0) {
    let best = 0;
    for (let index = 1; index < rest.length; index++) {
      if (rest[index].count > rest[best].count) best = index;
    }
    chosen.push(rest[best]);
    rest.splice(best, 1);
  }
  return chosen;
}
