import type { Tree, TreeCursor } from '@vscode/tree-sitter-wasm';
import type { ParsedSource } from '../../domain/source/function.ts';
import { describe } from './describe.ts';
import { boundName, exportsOf, isExportsObject, ownName, testName } from './names.ts';
import { binders, functionKinds, holders, passesName, passesTop } from './node-types.ts';
import type { Place, Walk } from './place.ts';

/** Only hostile text has longer names; what bears one belongs to what holds it. */
const maxName = 300;
const maxErrors = 100;

/** Reads the functions off a tree in one walk without recursion, since a hostile text nests as deep as it is long. */
export function readFunctions(
  tree: Tree,
  source: Pick<Walk, 'language' | 'text'>,
): Pick<ParsedSource, 'functions' | 'errors'> {
  const found = { path: [], functions: [], lines: new Set<number>() };
  const walk: Walk = { ...source, ...found, exports: new Map(), bearers: new Map(), decorator: null };
  const cursor = tree.walk();
  for (let depth = 0; ; depth++) {
    enter(walk, cursor, depth);
    if (cursor.gotoFirstChild()) continue;
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) return finish(walk);
      depth--;
    }
    depth--;
  }
}

function finish({ functions, exports, lines }: Walk): Pick<ParsedSource, 'functions' | 'errors'> {
  for (const one of functions) if (one.isModuleLevel) one.exported ??= exports.get(one.name) ?? null;
  return { functions, errors: [...lines].map((line) => ({ line })) };
}

function enter(walk: Walk, cursor: TreeCursor, depth: number): void {
  const { path, lines } = walk;
  while (path.length > 0 && path.at(-1)!.depth >= depth) path.pop();
  const type = cursor.nodeType;
  const isWrong = cursor.nodeIsMissing || (type === 'ERROR' && cursor.nodeIsNamed);
  if (isWrong && lines.size < maxErrors) lines.add(cursor.startPosition.row + 1);
  if (isPlace(type)) path.push(toPlace(walk, cursor, depth));
  else if (type === 'this' || type === 'super') markReceiver(path);
  else if (type === 'yield') markGenerator(path);
  if (type === 'decorator') walk.decorator ??= { depth, node: cursor.currentNode };
  else if (walk.decorator && walk.decorator.depth >= depth) walk.decorator = null;
}

function isPlace(type: string): boolean {
  return [functionKinds, holders, binders, passesTop, passesName].some((types) => types.has(type));
}

function toPlace(walk: Walk, cursor: TreeCursor, depth: number): Place {
  const { path, exports } = walk;
  const parent = path.at(-1);
  const isTop = depth === 0 || (parent?.depth === depth - 1 && parent.isOpen);
  const { nodeType: type, currentNode: node, currentFieldName: field } = cursor;
  const isOpen = isTop && (passesTop.has(type) || isExportsObject(type, parent));
  const place: Place = { depth, type, node, field, isTop, isOpen, name: parent?.name ?? '', one: null };
  if (isTop) for (const [local, outside] of exportsOf(place)) exports.set(local, outside);
  if (functionKinds.has(type) || holders.has(type)) nameIt(walk, place);
  return place;
}

function nameIt(walk: Walk, place: Place): void {
  const { path, bearers, decorator } = walk;
  const parent = path.at(-1);
  const binder = binderOf(path, place);
  const own = (binder && boundName(binder.node)) ?? ownName(place, binder ?? parent) ?? testName(path.slice(-2));
  const name = parent?.name ? `${parent.name}.${own}` : own;
  if (own === null || name === null || name.length > maxName) return;
  place.name = name;
  if (!functionKinds.has(place.type)) return;
  const bearer = (bearers.get(name) ?? 0) + 1;
  bearers.set(name, bearer);
  if (bearer > 1) place.name += `#${bearer}`;
  const whole = (parent?.type === 'decorated_definition' ? parent : (binder ?? place)).node;
  const first = decorator?.depth === place.depth ? decorator.node : whole;
  place.one = describe(place, walk, [first, whole]);
  if (place.one) walk.functions.push(place.one);
}

/** Finds what gives its name to a value: a variable, a field, a target of an assignment. */
function binderOf(path: readonly Place[], place: Place): Place | null {
  let below = place;
  for (let index = path.length - 1; index >= 0; index--) {
    const above = path[index]!;
    if (above.depth !== below.depth - 1) return null;
    const fields = binders.get(above.type);
    if (fields) return below.field === fields[1] ? above : null;
    if (!passesName.has(above.type)) return null;
    if (above.type === 'arguments' && path.some(({ type }) => functionKinds.has(type))) return null;
    below = above;
  }
  return null;
}

/** Arrows have the receiver of what they stand in, and fields of a class that of no function. */
function markReceiver(path: readonly Place[]): void {
  for (let index = path.length - 1; index >= 0; index--) {
    const { type, one } = path[index]!;
    if (functionKinds.has(type)) {
      if (one && type !== 'function_item') one.usesThis = true;
      if (type !== 'arrow_function') return;
    } else if (/^(abstract_)?class/.test(type)) return;
  }
}

function markGenerator(path: readonly Place[]): void {
  const around = path.findLast(({ type }) => functionKinds.has(type));
  if (around?.one) around.one.isGenerator = true;
}
