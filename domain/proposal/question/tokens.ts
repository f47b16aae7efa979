/**
 * Counts tokens on the safe side. By the tokenizers of SmolLM2 and Qwen2.5 sources have 0.6 to 0.95 of it.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(pieces)) tokens += weigh(piece);
  return Math.ceil(tokens * margin);
}

const pieces = /[A-Z]?[a-z]+|[A-Z]+|[0-9]|\n|[ \r]+|[!-/:-@[-`{-~]|[^\x00-\x7f]|[\x00-\x1f\x7f]/g;
const margin = 1.05;

function weigh(piece: string): number {
  const code = piece.charCodeAt(0);
  if (code > 0x7f) return code < 0x800 ? 2 : 3;
  if (/^[A-Za-z]/.test(piece)) return 1 + Math.floor((piece.length - 1) / 6);
  // One blank belongs to the word behind it.
  return /^[ \r]/.test(piece) ? Math.min(1, (piece.length - 1) / 2) : 1;
}
