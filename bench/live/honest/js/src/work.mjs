const PASSES = 40;

/** A checksum of the numbers; all passes give the same. */
export function work(numbers) {
  let sum = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    sum = 7;
    for (const number of numbers) sum = (Math.imul(sum, 31) + number) >>> 0;
  }
  return sum;
}
