declare const block: unique symbol;
declare const oneLine: unique symbol;

/** Text for people, without control characters and direction marks. Only this file makes it. */
export type CleanText = string & { readonly [block]: true };
/** Clean text without line ends. */
export type CleanLine = CleanText & { readonly [oneLine]: true };

/** Cleans foreign text (a model's, a candidate's) as one line, cut to `length` characters. */
export function toLine(text: string, length = 200): CleanLine {
  return cut(flat(text).replace(/ {2,}/g, ' ').trim(), length) as CleanLine;
}

/** Cleans foreign text, keeps its line ends and tabs, and cuts it to `length` characters. */
export function toBlock(text: string, length = 4_000): CleanText {
  return cut(
    withoutEscapes(text)
      .replace(/\r\n?/g, '\n')
      .replace(/[^\P{C}\n\t]+|[\p{Zl}\p{Zp}]+/gu, ' '),
    length,
  ) as CleanText;
}

/** Fills a template for one line; every value in it is cleaned. */
export function line(template: TemplateStringsArray, ...values: readonly (string | number)[]): CleanLine {
  return String.raw({ raw: template }, ...values.map((value) => flat(String(value)))) as CleanLine;
}

/** JSON in one line, with whatever a terminal would obey or an eye mistake written as escapes. */
export function toJsonLine(value: object): CleanText {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const json = JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (found) => found.split('').map(escaped).join(''));
  return `${json}\n` as CleanText;
}

/** Cleans the last `length` characters of a run's output: errors stand at the end. */
export function tail(text: string, length = 8_192): CleanText {
  return toBlock(text.slice(-length), length).trim() as CleanText;
}

/** Puts foreign text between fences that are longer than any run of backticks in it, so that it cannot end them. */
export function fenced(text: string): string {
  const maxRun = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(maxRun + 1);
  return `${fence}\n${text}\n${fence}`;
}

function flat(text: string): string {
  return withoutEscapes(text).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** Removes what a terminal would obey: colours and cursor moves, titles and links. */
function withoutEscapes(text: string): string {
  return text.replace(
    /(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]{0,1000}(?:\u0007|\u001b\\|\u009c)/g,
    '',
  );
}

/** Never cuts through a character. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Joins words so that a person may paste them into a shell. */
export function quoteWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
