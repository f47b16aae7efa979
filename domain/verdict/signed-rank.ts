/**
 * Returns the one-sided chance of a signed-rank sum at least this large under fair signs (Wilcoxon 1945). Zeros are
 * left out; ties share their mean rank. Exact, by the shift algorithm of Streitberg and Röhmel (1986).
 * @returns 1 where every difference is 0
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
  return Math.min(
    1,
    chances.subarray(reached).reduce((sum, chance) => sum + chance, 0),
  );
}

/** Twice the mean rank of each value of a sorted list: whole numbers also where values are tied. */
function doubledRanks(sorted: readonly number[]): number[] {
  return sorted.map((value) => sorted.indexOf(value) + 1 + sorted.lastIndexOf(value) + 1);
}
