/** Draws runs of letters, one or two long. */
export function letters(seed, runs) {
  let state = (seed % 2147483646) + 1;
  const random = (most) => (state = (state * 48271) % 2147483647) % most;
  return Array.from({ length: runs }, () => 'abc'[random(3)].repeat(1 + random(2))).join('');
}
