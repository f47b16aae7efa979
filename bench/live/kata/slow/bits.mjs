/** Bits that are set in all numbers together, each of 32 bits. */
export function bits(numbers) {
  return numbers.reduce((sum, number) => sum + (number >>> 0).toString(2).replaceAll('0', '').length, 0);
}
