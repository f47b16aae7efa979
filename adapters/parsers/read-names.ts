import type { Node, Tree } from '@vscode/tree-sitter-wasm';
import type { SourceFacts } from '../../domain/adoption/limits.ts';

const named = /(^|_)identifier(_pattern)?$|^(string_fragment|escape_sequence|import|super|this)$/;

/** Reads what a JavaScript or TypeScript file imports and names; null where it has errors. */
export function readNames({ rootNode }: Tree): SourceFacts | null {
  if (rootNode.hasError) return null;
  const [imports, words] = [new Set<string>(), new Set<string>()];
  const open: Node[] = [rootNode];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { type } = next;
    if (named.test(type)) words.add(next.text);
    if (type === 'meta_property') words.add('import.meta');
    const source = sourceOf(next);
    if (source !== undefined) imports.add(source === null ? '(computed)' : textOf(source));
    open.push(...next.children.map((child) => child!));
  }
  return { imports: [...imports], words: [...words] };
}

/** The node that names a module; null where that is computed, undefined where none is imported. */
function sourceOf(node: Node): Node | null | undefined {
  if (/^(import|export)_statement$|^import_require_clause$/.test(node.type))
    return node.childForFieldName('source') ?? undefined;
  if (node.type !== 'call_expression') return undefined;
  const called = node.childForFieldName('function');
  if (called?.type !== 'import' && called?.text !== 'require') return undefined;
  const [first] = node.childForFieldName('arguments')?.namedChildren ?? [];
  return first?.type === 'string' ? first : null;
}

/** Without its quotes. */
function textOf(literal: Node): string {
  return literal.text.slice(1, -1);
}
