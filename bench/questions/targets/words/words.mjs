/** Finds the `k` words that occur most often, the most frequent first, equal ones in alphabetical order. */
export function topWords(text, k) {
  const counts = [];
  for (const part of text.split(' ')) {
    const word = part.toLowerCase().replace(new RegExp('[^a-z]', 'g'), '');
    if (word === '') continue;
    const found = counts.find((entry) => entry.word === word);
    if (found) found.count++;
    else counts.push({ word, count: 1 });
  }
  counts.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
  return counts.slice(0, k).map((entry) => entry.word);
}
