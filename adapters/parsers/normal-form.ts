import { createHash } from 'node:crypto';
import type { Node, Tree } from '@vscode/tree-sitter-wasm';
import { functionKinds } from './node-types.ts';

/** Their text counts with all that stands between their parts. */
const literal = /string|template|regex|jsx_text|char_literal|rune_literal/;
const comment = /comment$/;

/** Fields in which a node names variables that it makes. */
const makes: ReadonlyMap<string, string> = new Map([
  ['variable_declarator', 'name'],
  ['let_declaration', 'pattern'],
  ['short_var_declaration', 'left'],
  ['assignment', 'left'],
  ['for_statement', 'left'],
  ['required_parameter', 'pattern'],
  ['optional_parameter', 'pattern'],
  ['parameter_declaration', 'name'],
  ['parameter', 'pattern'],
  ['assignment_pattern', 'left'],
  ['pair_pattern', 'value'],
]);
/** All of their parts are variables. Python's parameters are not here: a caller may give them by name. */
const lists: ReadonlySet<string> = new Set([
  ...['object_pattern', 'array_pattern', 'rest_pattern', 'expression_list', 'pattern_list', 'tuple_pattern'],
  ...['list_pattern', 'mut_pattern', 'ref_pattern'],
]);
/** Fields whose names are of something else, though the grammar has one kind for both. */
const fixed: ReadonlyMap<string, string> = new Map([
  ['attribute', 'attribute'],
  ['keyword_argument', 'name'],
]);

/**
 * Digests a syntax tree without comments and names of locals; null where it has errors. Equal texts do the same.
 */
export function readNormalForm({ rootNode }: Tree): string | null {
  if (rootNode.hasError) return null;
  const locals = localNames(rootNode);
  const numbers = new Map<string, number>();
  const hash = createHash('sha256');
  // A stack of its own: a hostile text nests as deep as it is long.
  const open: (Node | string)[] = [rootNode];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') hash.update(next);
    else if (next.childCount > 0 && !literal.test(next.type)) {
      hash.update(`(${next.type} `);
      open.push(
        ')',
        ...next.children
          .filter((child) => !comment.test(child!.type))
          .map((child) => child!)
          .reverse(),
      );
    } else {
      const { type, text } = next;
      const isLocal = type === 'identifier' && locals.has(text);
      if (isLocal && !numbers.has(text)) numbers.set(text, numbers.size);
      hash.update(`(${type} ${isLocal ? numbers.get(text) : JSON.stringify(text)})`);
    }
  }
  return hash.digest('hex').slice(0, 24);
}

/** Names of variables that functions make, as far as the text has them for nothing else. */
function localNames(root: Node): Set<string> {
  const [locals, others] = [new Set<string>(), new Set<string>()];
  const open = [{ node: root, isInside: false, isMade: false }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, isInside, isMade } = next;
    const { type } = node;
    if (type === 'identifier') {
      if (isMade) (isInside ? locals : others).add(node.text);
    } else if (node.childCount === 0 && node.isNamed && !/^(property|field)_identifier$/.test(type))
      others.add(node.text);
    const passes = type === 'formal_parameters' || (isMade && lists.has(type));
    const inside = isInside || functionKinds.has(type);
    node.children.forEach((child, index) => {
      const field = makes.has(type) || fixed.has(type) ? node.fieldNameForChild(index) : null;
      if (field !== null && field === fixed.get(type)) others.add(child!.text);
      open.push({ node: child!, isInside: inside, isMade: passes || (field !== null && field === makes.get(type)) });
    });
  }
  return new Set([...locals].filter((name) => !others.has(name)));
}
