/** Foreign text (a model's, a candidate's) without control characters, direction marks or line ends, cut to `length` characters. */
export function oneLine(text: string, length = 200): string {
  return cut(
    text
      .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
      .replace(/ {2,}/g, ' ')
      .trim(),
    length,
  );
}

/** The same, line ends and tabs kept. */
export function clean(text: string, length = 4_000): string {
  return cut(text.replace(/\r\n?/g, '\n').replace(/[^\P{C}\n\t]+|[\p{Zl}\p{Zp}]+/gu, ' '), length);
}

/** The last `length` characters of a run's output, cleaned: errors stand at the end. */
export function tail(text: string, length = 8_192): string {
  return clean(text.slice(-length), length).trim();
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
