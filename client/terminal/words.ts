/** Splits a command line as a shell does, without any expansion. @returns undefined where a quote is left open */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== '') {
    const found = word.exec(rest);
    if (!found) return undefined;
    words.push(
      found[0].replace(
        piece,
        (_all, single?: string, double?: string, escaped?: string) =>
          single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped!,
      ),
    );
    rest = rest.slice(found[0].length).trimStart();
  }
  return words;
}

const word = /^(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+(?=\s|$)/s;
const piece = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs;
