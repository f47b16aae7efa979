/** Foreign text (a model's, a candidate's) without control characters, direction marks or line ends, cut to `length` characters. */
export function oneLine(text: string, length = 200): string {
  return cut(
    withoutEscapes(text)
      .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
      .replace(/ {2,}/g, ' ')
      .trim(),
    length,
  );
}

/** The same, line ends and tabs kept. */
export function clean(text: string, length = 4_000): string {
  return cut(
    withoutEscapes(text)
      .replace(/\r\n?/g, '\n')
      .replace(/[^\P{C}\n\t]+|[\p{Zl}\p{Zp}]+/gu, ' '),
    length,
  );
}

/** The last `length` characters of a run's output, cleaned: errors stand at the end. */
export function tail(text: string, length = 8_192): string {
  return clean(text.slice(-length), length).trim();
}

/** Foreign text as a block of data: between fences that are longer than any run of backticks in it, so that it cannot end them. */
export function fenced(text: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length), 0);
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}\n${text}\n${fence}`;
}

/** Without what a terminal would obey: colours and cursor moves, titles and links. */
function withoutEscapes(text: string): string {
  return text.replace(
    /(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]{0,1000}(?:\u0007|\u001b\\|\u009c)/g,
    '',
  );
}

/** Never through the middle of a character. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
