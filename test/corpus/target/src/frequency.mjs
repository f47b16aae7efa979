/** How often each word occurs, in order of first occurrence. */
export function frequency(words) {
  const entries = [];
  for (const word of words) {
    const entry = entries.find((one) => one.word === word);
    if (entry) entry.count++;
    else entries.push({ word, count: 1 });
  }
  return entries;
}
