import catalogue from './patterns.json' with { type: 'json' };

/** A known way to make code faster. */
export interface Pattern {
  name: string;
  /** Says what is slow and what to do, in two sentences. */
  advice: string;
}

const loopWord =
  /^\s*(?:for|while|loop|do|async for)\b|\.(?:forEach|map|filter|reduce|some|every)\(.*(?:=>|\bfunction\b).*[{(]\s*$/;

/**
 * Finds the catalogue's patterns that a function's text shows. Each is a guess to be measured.
 * @param language as in "JavaScript", "Python", "Go"; unknown ones show nothing but recursion
 */
export function patternsFor(functionText: string, language: string): Pattern[] {
  const known = language === 'TypeScript' ? 'JavaScript' : language;
  const depths = loopDepths(functionText);
  const lines = functionText.split('\n');
  const shows: Record<string, (sign: RegExp | null) => boolean> = {
    body: (sign) => sign?.test(functionText) ?? false,
    loop: (sign) => lines.some((line, at) => depths[at]! >= 1 && sign?.test(line)),
    'inner loop': (sign) => lines.some((line, at) => depths[at]! >= 2 && sign?.test(line)),
    recursion: () => callsItself(functionText),
  };
  return catalogue
    .filter(({ in: place, signs }) => {
      const sign = Object.entries(signs as Record<string, string>).find(([name]) => name === known || name === '*');
      return shows[place]!(sign ? new RegExp(sign[1]) : null);
    })
    .map(({ name, advice }) => ({ name, advice }));
}

/** Counts the loops round each line by indentation; a loop's own line counts, since it is run in every turn too. */
function loopDepths(text: string): number[] {
  const open: number[] = [];
  return text.split('\n').map((line) => {
    const indent = line.search(/\S/);
    while (indent >= 0 && open.length > 0 && indent <= open.at(-1)!) open.pop();
    if (indent >= 0 && loopWord.test(line)) open.push(indent);
    return open.length;
  });
}

/** Tells of a function that has its own name twice or more in its body as a call. */
function callsItself(text: string): boolean {
  const name = /\b(?:function|def|func|fn)\s+(?:\([^)]*\)\s*)?(\w+)/.exec(text)?.[1];
  return name !== undefined && (text.match(new RegExp(`\\b${name}\\(`, 'g')) ?? []).length >= 3;
}
