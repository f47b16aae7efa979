/** Counts of source files, by TypeScript's own parser. */
import ts from 'typescript';

export interface Comment {
  line: number;
  text: string;
  words: number;
}

export interface FunctionCount {
  line: number;
  name: string;
  lines: number;
  parameters: number;
}

export interface FileCount {
  lines: number;
  widths: number[];
  exports: number;
  imports: number;
  functions: FunctionCount[];
  comments: Comment[];
  commentLines: number;
}

/** Counts one file; a language without a parser here (Python) has lines and widths alone. */
export function countFile(name: string, text: string): FileCount {
  const lines = text.replace(/\n$/, '').split('\n');
  const count: FileCount = { lines: lines.length, widths: widths(lines), exports: 0, imports: 0, ...noParts() };
  if (!/\.[cm]?[jt]s$/.test(name)) return count;
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) count.imports += 1;
    count.exports += exportsOf(statement);
  }
  const ranges = new Map<number, ts.CommentRange>();
  visit(file, (node) => {
    if (isNamedFunction(node)) count.functions.push(countFunction(file, node));
    const leading = ts.getLeadingCommentRanges(text, node.pos) ?? [];
    const trailing = ts.getTrailingCommentRanges(text, node.end) ?? [];
    for (const range of [...leading, ...trailing]) ranges.set(range.pos, range);
  });
  const ordered = [...ranges.values()].sort((a, b) => a.pos - b.pos);
  count.comments = blocks(file, ordered);
  count.commentLines = new Set(ordered.flatMap((range) => linesOf(file, range))).size;
  return count;
}

function noParts(): Pick<FileCount, 'functions' | 'comments' | 'commentLines'> {
  return { functions: [], comments: [], commentLines: 0 };
}

function widths(lines: readonly string[]): number[] {
  return lines.filter((line) => line.trim() !== '').map((line) => line.length);
}

function exportsOf(statement: ts.Statement): number {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return clause && ts.isNamedExports(clause) ? clause.elements.length : 1;
  }
  if (ts.isExportAssignment(statement)) return 1;
  const exported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (!exported) return 0;
  return ts.isVariableStatement(statement) ? statement.declarationList.declarations.length : 1;
}

/** Visits every token too, since a comment may stand before a closing bracket. */
function visit(node: ts.Node, seen: (node: ts.Node) => void): void {
  seen(node);
  for (const child of node.getChildren()) if (!ts.isJSDoc(child)) visit(child, seen);
}

/** Leaves callbacks out: their parameters are the caller's choice. */
function isNamedFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && nameOf(node) !== undefined;
}

function nameOf(node: ts.FunctionLikeDeclaration): ts.Node | undefined {
  const { parent } = node;
  return node.name ?? (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name : undefined);
}

function countFunction(file: ts.SourceFile, node: ts.FunctionLikeDeclaration): FunctionCount {
  const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
  const last = file.getLineAndCharacterOfPosition(node.end).line;
  return {
    line: first + 1,
    name: nameOf(node)!.getText(file),
    lines: last - first + 1,
    parameters: node.parameters.length,
  };
}

/** Joins line comments of following lines; a comment behind code stands alone. */
function blocks(file: ts.SourceFile, ranges: readonly ts.CommentRange[]): Comment[] {
  const groups: ts.CommentRange[][] = [];
  for (const range of ranges) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    if (group && before && follows(file, before, range)) group.push(range);
    else groups.push([range]);
  }
  return groups.map((group) => {
    const text = group.map(({ pos, end }) => plainText(file.text.slice(pos, end))).join(' ');
    const line = file.getLineAndCharacterOfPosition(group[0]!.pos).line + 1;
    return { line, text, words: text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length };
  });
}

function follows(file: ts.SourceFile, before: ts.CommentRange, range: ts.CommentRange): boolean {
  const single = ts.SyntaxKind.SingleLineCommentTrivia;
  const between = file.text.slice(before.end, range.pos);
  return before.kind === single && range.kind === single && /^\r?\n[ \t]*$/.test(between);
}

function plainText(comment: string): string {
  return comment
    .replace(/^\/\*+|\*+\/$|^\/\/+/g, ' ')
    .replace(/^\s*\*(?=\s|$)/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function linesOf(file: ts.SourceFile, { pos, end }: ts.CommentRange): number[] {
  const first = file.getLineAndCharacterOfPosition(pos).line;
  const last = file.getLineAndCharacterOfPosition(end).line;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
