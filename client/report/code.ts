import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import perl from 'highlight.js/lib/languages/perl';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import typescript from 'highlight.js/lib/languages/typescript';
import { parseDiff, type DiffLine, type FileDiff } from '../../domain/ledger/page/diff-lines.ts';
import { escape, escapedBy, markup, type Html } from './html.ts';

const languages = { bash, c, cpp, csharp, go, java, javascript, perl, php, python, ruby, rust, typescript };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);

/** Endings that highlight.js does not list as a name of the language. */
const endings: Readonly<Record<string, string>> = { cjs: 'javascript', mjs: 'javascript', pyi: 'python', t: 'perl' };
/** Lines of a diff that are shown, and characters of a line: one of thousands is no diff that a person reads. */
const [maxLines, maxWidth] = [600, 600];

/** Draws a diff with the colours of its languages, and a sign before each line. */
export function diffHtml(diff: string): Html {
  let left = maxLines;
  return markup`${parseDiff(diff).map((file) => {
    const most = left;
    left = Math.max(0, left - file.lines.length);
    return fileHtml(file, most);
  })}`;
}

function fileHtml({ path, lines }: FileDiff, most: number): Html {
  const shown = lines.slice(0, most).map((line) => ({ ...line, text: cut(line.text) }));
  const more = lines.length - shown.length;
  return markup`<figure class="diff">
    <figcaption>${path}</figcaption>
    <pre><code>${linesHtml(path, shown)}</code></pre>
    ${more > 0 && markup`<p class="quiet">${more} more lines; git shows them all.</p>`}
  </figure>`;
}

function cut(text: string): string {
  return text.length > maxWidth ? `${text.slice(0, maxWidth)}…` : text;
}

/** Colours each side as a whole, so that a comment or string of many lines keeps its colour. */
function linesHtml(path: string, lines: readonly DiffLine[]): Html[] {
  const isOf = (side: DiffLine['kind']) => (kind: DiffLine['kind']) => kind === side || kind === 'same';
  const side = (belongs: (kind: DiffLine['kind']) => boolean) => {
    const own = lines.filter(({ kind }) => belongs(kind));
    const coloured = colour(path, own.map(({ text }) => text).join('\n'));
    return new Map(own.map((line, at) => [line, coloured[at]!]));
  };
  const [before, after] = [side(isOf('removed')), side(isOf('added'))];
  return lines.map((line) => {
    if (line.kind === 'added') return markup`<ins>+${after.get(line)!}</ins>`;
    if (line.kind === 'removed') return markup`<del>-${before.get(line)!}</del>`;
    return line.kind === 'note'
      ? markup`<span class="note">${line.text}</span>`
      : markup`<span> ${after.get(line)!}</span>`;
  });
}

/** Colours code by the ending of its file's name: as many lines of HTML as it has. @internal */
export function colour(path: string, code: string): Html[] {
  const ending = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const language = endings[ending] ?? ending;
  const text = hljs.getLanguage(language)
    ? hljs.highlight(code, { language, ignoreIllegals: true }).value
    : escape(code);
  return wholeLines(text).map((line) => escapedBy('highlight.js', line));
}

/** Ends at each line's end what is open, and begins it again on the next line. */
function wholeLines(text: string): string[] {
  let open: string[] = [];
  return text.split('\n').map((line) => {
    const before = open.join('');
    for (const [tag] of line.matchAll(/<span[^>]*>|<\/span>/g))
      open = tag === '</span>' ? open.slice(0, -1) : [...open, tag];
    return `${before}${line}${'</span>'.repeat(open.length)}`;
  });
}
