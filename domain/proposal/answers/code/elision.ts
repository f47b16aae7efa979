/** The first line that stands for code that was left out, unless the file has it too; else null. */
export function elision(text: string, lines: ReadonlySet<string>): string | null {
  const found = text.split('\n').find((line) => {
    const words = line.trim();
    if (words.length > 200 || lines.has(words)) return false;
    if (/^(\.{3}|…)$/.test(words)) return true;
    const [, said] = /^(?:\/\/|#|\/\*|--|<!--|\{\/\*)\s*(.*?)\s*(?:\*\/\}?|-->)?$/.exec(words) ?? [];
    if (said === undefined) return false;
    const isGap = /^(\.{3}|…)|(\.{3}|…)$/.test(said);
    return (
      (/^(\.{2,}|…|\s)*$/.test(said) && said !== '') ||
      (isGap &&
        /\b(exist|rest|remain|unchanged|same|other|previous|original|omit|keep|before|code|implementation|as is)/i.test(
          said,
        )) ||
      /^(the )?(rest|remainder|remaining)( of)?( the| your)? (code|file|class|functions?|methods?|body|module|implementation|is|remains|unchanged)\b|^(existing|original|other|unchanged) (code|functions?|methods?|implementation)( (here|unchanged|goes here|remains?|stays?)\b.*)?$|\b(remains?|stays?) (the same|unchanged)$/i.test(
        said,
      )
    );
  });
  return found === undefined ? null : found.trim();
}

/** A text's lines without their indentation, each once. */
export function trimmedLines(text: string): Set<string> {
  return new Set(text.split('\n').map((line) => line.trim()));
}
