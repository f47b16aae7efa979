import type { SourceFunction } from '../../../source/function.ts';
import { hasWord, holds } from '../../../source/function.ts';

/** Something that stands at the top of a file, from a line without indentation to the next. */
export interface Statement {
  /** Offsets of its lines, and of the comments and attributes right above. */
  lead: number;
  start: number;
  end: number;
  text: string;
  /** Name that it gives to something; null for a call, a loop and the like. */
  name: string | null;
  isImport: boolean;
  /** Outermost functions in it. */
  functions: SourceFunction[];
}

const comment = /^\s*(\/\/|#(?!\[)|\/\*|\*|--\s)/;
const attribute = /^\s*(@|#\[)/;
const goesOn = /^([\s})\]{]|(else|elif|except|finally|catch|where|case|default)\b|"""$|'''$)/;
const declaration =
  /^(?:(?:export|default|declare|pub(?:\(\w+\))?|abstract|async|unsafe)\s+){0,4}(?:const|let|var|class|function\*?|type|interface|enum|struct|static|trait|impl|mod|def|func|fn)\s+(?:mut\s+)?([\w$]+)/;
const assignment = /^([A-Za-z_$][\w$]*)\s*(?::[^=]{1,200})?=(?!=)/;
const imported =
  /^(?:import\b|from\s+\S+\s+import\b|(?:pub(?:\(\w+\))?\s+)?use\s|extern\s+crate\b|(?:const|let|var)\s[\w${},:\s]{1,300}=\s*(?:await\s+)?(?:require|import)\s*\()/;

/** Splits a text that was parsed into its statements at the top. */
export function statementsOf(text: string, functions: readonly SourceFunction[]): Statement[] {
  const outermost = functions.filter((one) => !functions.some((other) => holds(other, one)));
  const inner = new Set(
    outermost.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + 1 + index)),
  );
  const found: Statement[] = [];
  let [lead, offset, isComment] = [null as number | null, 0, false];
  for (const [index, line] of text.split('\n').entries()) {
    const end = offset + line.length;
    const last = found.at(-1);
    const isInner = inner.has(index + 1);
    if (line.trim() === '' && !isInner) {
      if (!isComment) lead = null;
    } else if (!isInner && (isComment || comment.test(line) || attribute.test(line)) && !/^\s/.test(line)) {
      isComment = isComment ? !line.includes('*/') : line.startsWith('/*') && !line.includes('*/');
      lead ??= offset;
    } else if (!isInner && isComment) {
      isComment = !line.includes('*/');
    } else if (last && (isInner || goesOn.test(line))) last.end = end;
    else {
      const [, name = null] = declaration.exec(line) ?? assignment.exec(line) ?? [];
      found.push({
        lead: lead ?? offset,
        start: offset,
        end,
        text: '',
        name,
        isImport: imported.test(line),
        functions: [],
      });
      lead = null;
    }
    offset = end + 1;
  }
  for (const one of found) {
    one.text = text.slice(one.start, one.end);
    one.functions = outermost.filter(({ range }) => range.start >= one.lead && range.end <= one.end);
  }
  return found;
}

/** Place in a file for further imports: behind the last one, else behind what must stand first. */
export function importPlace(text: string, statements: readonly Statement[]): number {
  const last = statements.findLast(({ isImport }) => isImport);
  const first = /^(package\s|['"]use strict['"]|"""|'''|extern\s|#!\[)/;
  const heads = statements.slice(
    0,
    Math.max(
      0,
      statements.findIndex((one) => !first.test(one.text)),
    ),
  );
  const behind = last ?? heads.at(-1);
  if (behind) return Math.min(behind.end + 1, text.length);
  const [start] = statements;
  return start && start.lead === 0 && text.startsWith('#!') ? text.indexOf('\n') + 1 : 0;
}

/** What of an import the file's own lack; null where they have all. */
export function missingImport(statement: string, present: string): string | null {
  if (statement.length > 2_000) return statement;
  const has = (item: string) => hasWord(present, /([\w$]+)\s*$/.exec(item)?.[1] ?? '');
  if (/^import\s*["(]/.test(statement)) {
    const lines = statement.replace(/^import\s*\(?/, '').split('\n');
    const lacking = lines.filter((line) => !present.includes(/"[^"]*"/.exec(line)?.[0] ?? ''));
    return lacking.length > 0 ? lacking.map((line) => `import ${line.trim()}`).join('\n') : null;
  }
  const [, before, braced, after] = /^([^{]*\{)([^{}]*)(\}[^]*)$/.exec(statement) ?? [];
  if (braced === undefined) {
    const bare = statement.replace(/^(?:from\s+\S+\s+)?import\s+/, '').split(/\sfrom\s|=|;/)[0]!;
    return bare.split(',').every(has) ? null : statement;
  }
  const items = braced.split(',').filter((item) => item.trim() !== '');
  const lacking = items.filter((item) => !has(item.split(':').at(-1)!));
  if (lacking.length === items.length) return statement;
  return lacking.length > 0 ? `${before}${lacking.join(',')}${after}` : null;
}
