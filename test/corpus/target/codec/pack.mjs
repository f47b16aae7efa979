/** Writes runs of a letter as their length and the letter. */
export function pack(text) {
  return text.replace(/([a-z])\1*/g, (run, letter) => `${run.length}${letter}`);
}
