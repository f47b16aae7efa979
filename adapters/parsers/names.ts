import type { Node } from '@vscode/tree-sitter-wasm';
import { binders } from './node-types.ts';
import type { Place } from './place.ts';

/** Reads the name that a variable, a field or an assignment gives; null for patterns and computed names. */
export function boundName(binder: Node): string | null {
  const text = targetOf(binder);
  return plain(text.replace(/^((module\.)?exports|this)(\.|$)/, '').replace(/\.prototype(?=\.|$)/, ''));
}

/** @param around what binds it, or holds it */
export function ownName({ node, type }: Place, around: Place | undefined): string | null {
  if (type === 'impl_item') return plain(typeName(node.childForFieldName('type')));
  const name = plain(node.childForFieldName('name')?.text ?? '');
  if (type === 'method_declaration') return `${typeName(node.childForFieldName('receiver'))}.${name}`;
  if (name !== null || type === 'object' || !around) return name;
  const isDefault = around.type === 'export_statement' || exportTarget(around.node) === 'default';
  return isDefault ? 'default' : null;
}

/** Names what a call of a runner registers as a test; a bearer's number tells two of them apart. */
export function testName([call, list]: readonly Place[]): string | null {
  if (call?.type !== 'call_expression' || list?.type !== 'arguments') return null;
  const callee = call.node.childForFieldName('function')?.text ?? '';
  return /^(?:[\w$]{1,40}\.)?(?:test|it|specify)(?:\.\w{1,40})*(?:$|[(`])/.test(callee) ? 'test()' : null;
}

export function isExportsObject(type: string, parent: Place | undefined): boolean {
  return type === 'object' && parent?.type === 'assignment_expression' && exportTarget(parent.node) === 'default';
}

/** Name under which an assignment exports its value. */
export function exportTarget(node: Node): string | null {
  if (node.type !== 'assignment_expression') return null;
  const match = /^(?:module\.exports|(?:module\.)?exports\.([\w$]+))$/.exec(targetOf(node));
  return match && (match[1] ?? 'default');
}

/** Reads what a node at the top exports of names that stand elsewhere: pairs of the names inside and outside. */
export function exportsOf({ node, type }: Place): [local: string, outside: string][] {
  const text = (field: string) => node.childForFieldName(field)?.text ?? '';
  const value = binders.has(type) ? node.childForFieldName(binders.get(type)![1]) : node.namedChild(0);
  const local = value?.type === 'identifier' ? value.text : null;
  if (type === 'shorthand_property_identifier') return [[node.text, node.text]];
  if (type === 'export_specifier' && !node.parent?.parent?.childForFieldName('source'))
    return [[text('name'), text('alias') || text('name')]];
  if (local === null) return [];
  if (type === 'export_statement') return [[local, 'default']];
  const outside = type === 'pair' ? plain(text('key')) : exportTarget(node);
  return outside === null ? [] : [[local, outside]];
}

function targetOf(binder: Node): string {
  return binder.childForFieldName(binders.get(binder.type)![0])?.text ?? '';
}

/** Name of a Go receiver's or a Rust implementation's type, without pointers and type arguments. */
function typeName(node: Node | null): string {
  return node?.descendantsOfType('type_identifier')[0]?.text ?? node?.text ?? '';
}

function plain(text: string): string | null {
  return /^(['"]?)[^\s'"`(){}[\],;]{1,200}\1$/.test(text) ? text.replace(/^['"]|['"]$/g, '') : null;
}
