/** The primes below `limit`. */
export function primes(limit) {
  const found = [];
  for (let number = 2; number < limit; number++) {
    let isPrime = true;
    for (let divisor = 2; isPrime && divisor * divisor <= number; divisor++)
      if (number % divisor === 0) isPrime = false;
    if (isPrime) found.push(number);
  }
  return found;
}
