/**
 * Returns the one-sided chance of a signed-rank sum at least this large (Wilcoxon 1945); 1 without differences.
 * Exact, by the shift algorithm of Streitberg and Röhmel (1986).
 */
export function signedRankChance(differences: readonly number[]): number {
  const ordered = differences.filter((difference) => difference !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const ranks = doubledRanks(ordered.map(Math.abs));
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const reached = ordered.reduce((sum, difference, index) => (difference > 0 ? sum + ranks[index]! : sum), 0);
  // chances[s]: chance that the ranks with a positive sign add up to s.
  let chances = new Float64Array(total + 1);
  chances[0] = 1;
  for (const rank of ranks) {
    const next = new Float64Array(total + 1);
    chances.forEach((chance, sum) => {
      if (chance === 0) return;
      next[sum]! += chance / 2;
      next[sum + rank]! += chance / 2;
    });
    chances = next;
  }
  const chance = chances.subarray(reached).reduce((sum, one) => sum + one, 0);
  return Math.min(1, chance);
}

/** Twice the mean rank of each value of a sorted list: whole numbers also where values are tied. */
function doubledRanks(sorted: readonly number[]): number[] {
  return sorted.map((value) => sorted.indexOf(value) + 1 + sorted.lastIndexOf(value) + 1);
}
