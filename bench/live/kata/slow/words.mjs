/** How often each word occurs, as pairs sorted by word. */
export function words(text) {
  const counts = {};
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) counts[word] = (counts[word] ?? 0) + 1;
  return Object.entries(counts).sort(([a], [b]) => a.localeCompare(b));
}
