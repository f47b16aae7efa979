import type { Node } from '@vscode/tree-sitter-wasm';
import type { SourceFunction } from '../../domain/source/function.ts';
import { exportTarget } from './names.ts';
import { functionKinds, holders } from './node-types.ts';
import type { Place, Walk } from './place.ts';

/** Describes a function; null for one without a body. @param extent first and last node of its definition */
export function describe(place: Place, walk: Walk, extent: [Node, Node]): SourceFunction | null {
  const { path, language } = walk;
  const { node, name, type, isTop } = place;
  const body = node.childForFieldName('body');
  if (!body) return null;
  const holder = path.findLast((above) => holders.has(above.type) || functionKinds.has(above.type));
  const words = wordsBefore(node, body);
  const [first, last] = extent;
  const isModuleLevel = isTop && !name.includes('.');
  return {
    name,
    start: first.startPosition.row + 1,
    end: last.endPosition.row + 1,
    range: { start: first.startIndex, end: last.endIndex },
    ...bodyOf(body, walk),
    ...kindOf(place, holder, { words, decorators: language === 'python' ? decoratorsOf(path.at(-1)) : [] }),
    isAsync: words.includes('async'),
    isGenerator: words.includes('*') || type.startsWith('generator'),
    parameters: parametersOf(node),
    isModuleLevel,
    exported: isModuleLevel ? exportedAs(place, walk) : null,
  };
}

/** Keywords that stand before a function's body. */
function wordsBefore(node: Node, body: Node): string[] {
  const heads = node.children.filter((child) => child!.startIndex < body.startIndex);
  return heads.flatMap((head) => (head!.type === 'function_modifiers' ? head!.text.split(/\s+/) : [head!.type]));
}

function decoratorsOf(parent: Place | undefined): string[] {
  if (parent?.type !== 'decorated_definition') return [];
  return parent.node.children.filter((one) => one!.type === 'decorator').map((one) => one!.text.slice(1).trim());
}

function kindOf(
  { node, type, name }: Place,
  holder: Place | undefined,
  { words, decorators }: { words: string[]; decorators: string[] },
): Pick<SourceFunction, 'kind' | 'usesThis'> {
  const kind = functionKinds.get(type)!;
  const isMember =
    kind === 'method' || (kind === 'function' && /^(class_definition|impl_item|trait_item)$/.test(holder?.type ?? ''));
  if (!isMember) return { kind, usesThis: false };
  const isStatic = decorators.includes('staticmethod');
  const usesThis =
    type === 'method_declaration' ||
    (type === 'function_definition' && !isStatic) ||
    node.childForFieldName('parameters')?.namedChild(0)?.type === 'self_parameter';
  const own = name.slice((holder?.name.length ?? -1) + 1).replace(/#\d+$/, '');
  if (words.includes('get') || decorators.some((text) => /(^|[._])property$/.test(text)))
    return { kind: 'getter', usesThis };
  if (words.includes('set') || decorators.some((text) => text.endsWith('.setter'))) return { kind: 'setter', usesThis };
  const isConstructor = own === '__init__' || (own === 'constructor' && holder?.type !== 'object');
  return { kind: isConstructor ? 'constructor' : 'method', usesThis };
}

function bodyOf(body: Node, { language, text }: Walk): Pick<SourceFunction, 'body' | 'expression' | 'indent'> {
  const { startIndex: start, endIndex: end } = body;
  if (!body.type.endsWith('block')) return { body: null, expression: { start, end }, indent: '' };
  if (language !== 'python')
    return { body: { start: start + 1, end: end - Number(text[end - 1] === '}') }, expression: null, indent: '' };
  const [first, second] = body.namedChildren.filter((child) => child!.type !== 'comment');
  const hasDocstring = first?.type === 'expression_statement' && first.namedChild(0)?.type.endsWith('string');
  const at = (hasDocstring ? second : first) ?? first ?? body;
  const lead = text.slice(text.lastIndexOf('\n', at.startIndex - 1) + 1, at.startIndex);
  const inner = hasDocstring && !second ? { start: at.endIndex, end: at.endIndex } : { start: at.startIndex, end };
  return { body: inner, expression: null, indent: lead.trim() === '' ? lead : '' };
}

/** Names them all, or none where a call cannot be made by position alone. */
function parametersOf(node: Node): string[] | null {
  const single = node.childForFieldName('parameter');
  const all = single ? [single] : (node.childForFieldName('parameters')?.namedChildren ?? []);
  const names = all.flatMap((maybe): (string | null)[] => {
    const one = maybe!;
    if (/^(comment|line_comment|block_comment|self_parameter|positional_separator)$/.test(one.type)) return [];
    if (/^(variadic_parameter_declaration|keyword_separator)$/.test(one.type)) return [null];
    const fields = ['name', 'left', 'pattern'].flatMap((field) => one.childrenForFieldName(field));
    const named = fields.length > 0 ? fields : [one.type === 'typed_parameter' ? one.namedChild(0) : one];
    if (named[0]?.type === 'this') return [];
    return named.map((name) => (name?.type === 'identifier' ? name.text : null));
  });
  return names.includes(null) ? null : (names as string[]);
}

function exportedAs({ node, name, type }: Place, { path, language }: Walk): string | null {
  if (language === 'python') return name.startsWith('_') ? null : name.replace(/#.*/, '');
  if (language === 'go') return /^\p{Lu}/u.test(name) ? name : null;
  if (language === 'rust') return node.children.some((child) => child!.type === 'visibility_modifier') ? name : null;
  for (const above of path) {
    if (above.type === 'export_statement')
      return above.node.children.some((child) => child!.type === 'default') ? 'default' : name;
    const target = exportTarget(above.node);
    if (target !== null)
      return path.some((one) => one.type === 'object') || type === 'method_definition' ? name : target;
  }
  return null;
}
