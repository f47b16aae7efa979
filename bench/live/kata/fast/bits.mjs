/** Bits that are set in all numbers together, each of 32 bits. */
export function bits(numbers) {
  let sum = 0;
  for (const number of numbers) for (let rest = number; rest !== 0; rest &= rest - 1) sum += 1;
  return sum;
}
