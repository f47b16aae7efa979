/** Splits a text into lower-case words. */
export function tokens(text) {
  const found = [];
  for (const line of text.split('\n')) {
    for (const word of line.split(/[^A-Za-z0-9']+/)) {
      if (word !== '') found.push(word.toLowerCase());
    }
  }
  return found;
}
