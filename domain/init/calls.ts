/** A call that tests make, with nothing but literals in it. */
export interface Call {
  /** The name before the bracket: "parse", "sql.format". */
  callee: string;
  /** Text between the brackets; null where a test computes it, so that its texts are tried. */
  args: string | null;
}

/** Chooses the calls that a benchmark can repeat: each once, and computed ones only where texts of the tests stand in. */
export function repeatable(all: readonly Call[], corpus: readonly string[]): Call[] {
  const unique = [...new Map(all.map((call) => [`${call.callee}(${call.args})`, call])).values()];
  const known = new Set(unique.filter(({ args }) => args !== null).map(({ callee }) => callee));
  return unique.filter(({ callee, args }) => args !== null || (!known.has(callee) && corpus.length > 0));
}

/** Most calls of one callee, and longest text of one. */
const [maxOfOne, maxLength] = [12, 2_000];

/** Words that a literal may hold. */
const constants = /^(true|false|null|undefined|True|False|None|nil)$/;

/** Finds calls of `names` in a test's text, and of members of them. Best effort: reads brackets and quotes, not a language. */
export function findCalls(text: string, names: readonly string[]): Call[] {
  if (names.length === 0) return [];
  const escaped = names.map((name) => name.replace(/[$.]/g, '\\$&'));
  const starts = text.matchAll(new RegExp(`(?<![\\w$.'"\`])(${escaped.join('|')})((?:\\.\\w+)?)\\(`, 'g'));
  const found = new Map<string, Call>();
  const counts = new Map<string, number>();
  for (const start of starts) {
    const before = text.slice(Math.max(0, start.index - 12), start.index);
    if (/\b(new|def|func|function|await import)\s+$/.test(before)) continue;
    const written = argumentsAt(text, start.index + start[0].length);
    if (written === null || written.trim() === '') continue;
    // "const input = [1, 2]; parse(input)" gives [1, 2].
    const args = written.replace(/^\s*[A-Za-z_$][\w$]*(?=\s*(,|$))/, (name) =>
      valueOf(text.slice(0, start.index), name),
    );
    const callee = start[1]! + start[2]!;
    const call = { callee, args: isLiteral(args) ? args.trim() : null };
    if (call.args === null && /[,(=]/.test(args)) continue;
    const count = counts.get(callee) ?? 0;
    const key = `${callee}(${call.args ?? ''})`;
    if (found.has(key) || count >= maxOfOne) continue;
    counts.set(callee, count + 1);
    found.set(key, call);
  }
  return [...found.values()];
}

/** Text of the literal that a name was last given; the name itself where that is no literal. */
function valueOf(before: string, name: string): string {
  const given = [
    ...before.matchAll(new RegExp(`(?<![\\w$.])${name.trim().replace(/\$/g, '\\$')}\\s*=(?![=>])\\s*`, 'g')),
  ].at(-1);
  if (!given) return name;
  const at = given.index + given[0].length;
  const brackets = '[{'.includes(before[at] ?? ' ') ? argumentsAt(before, at + 1) : null;
  const value = brackets === null ? (quotedAt(before, at) ?? '') : before.slice(at, at + brackets.length + 2);
  return value !== '' && isLiteral(value) ? value : name;
}

/** Finds the text up to the closing bracket; null where it is long or never closes. */
function argumentsAt(text: string, start: number): string | null {
  let depth = 1;
  for (let at = start; at < Math.min(text.length, start + maxLength); at++) {
    const quoted = quotedAt(text, at);
    if (quoted !== null) at += quoted.length - 1;
    else if ('([{'.includes(text[at]!)) depth++;
    else if (')]}'.includes(text[at]!) && --depth === 0) return text.slice(start, at);
  }
  return null;
}

function quotedAt(text: string, at: number): string | null {
  const quote = /["'`]/y;
  quote.lastIndex = at;
  if (!quote.test(text)) return null;
  const pattern = /"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/y;
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function isLiteral(args: string): boolean {
  if (/`[^`]*\$\{/.test(args) || /(^|[\s,([{=])[fF][rR]?["']/.test(args)) return false;
  const bare = withoutQuoted(args).replace(/(^|[\s,([])[rRbBuU]{1,2}(?="")/g, '$1');
  if (/=>|\/\/|#|\.\.\.|[+*\/%<>!&|?;@]|\(/.test(bare)) return false;
  // Keys of objects and names of arguments.
  const words = bare.replace(/[\w$]+\s*[:=](?!=)/g, '').match(/[A-Za-z_$][\w$]*/g) ?? [];
  return words.every((word) => constants.test(word));
}

function withoutQuoted(text: string): string {
  let bare = '';
  for (let at = 0; at < text.length; at++) {
    const quoted = quotedAt(text, at);
    bare += quoted === null ? text[at]! : '""';
    if (quoted !== null) at += quoted.length - 1;
  }
  return bare;
}

/** Texts in quotes that a test holds, without escapes, of 2 to 300 characters. */
export function textsIn(text: string): string[] {
  const found = new Set<string>();
  for (let at = 0; at < text.length && found.size < 200; at++) {
    const quoted = quotedAt(text, at);
    if (quoted === null) continue;
    at += quoted.length - 1;
    const inner = quoted.replace(/^("""|'''|["'`])([^]*)\1$/, '$2');
    if (inner.length >= 2 && inner.length <= 300 && !/[\\\n]|\$\{|\.\.?\//.test(inner)) found.add(inner);
  }
  return [...found];
}
