import type { SourceFunction } from '../../domain/source/function.ts';

/** Node types of all grammars in one table each: where two use one name, it means the same. */
export const functionKinds: ReadonlyMap<string, SourceFunction['kind']> = new Map([
  ['function_declaration', 'function'],
  ['generator_function_declaration', 'function'],
  ['function_expression', 'function'],
  ['generator_function', 'function'],
  ['function_definition', 'function'],
  ['function_item', 'function'],
  ['method_definition', 'method'],
  ['method_declaration', 'method'],
  ['arrow_function', 'arrow'],
  ['lambda', 'arrow'],
]);

/** They give their name to the functions that they hold. */
export const holders: ReadonlySet<string> = new Set([
  ...['class_declaration', 'abstract_class_declaration', 'class', 'class_definition'],
  ...['object', 'internal_module', 'mod_item', 'impl_item', 'trait_item'],
]);

/** Fields of the name that they give, and of the value that gets it. */
export const binders: ReadonlyMap<string, readonly [name: string, value: string]> = new Map([
  ['variable_declarator', ['name', 'value']],
  ['assignment_expression', ['left', 'right']],
  ['assignment', ['left', 'right']],
  ['pair', ['key', 'value']],
  ['field_definition', ['property', 'value']],
  ['public_field_definition', ['name', 'value']],
]);

/** Their value is that of what they hold. */
const wrappers = ['parenthesized_expression', 'as_expression', 'satisfies_expression', 'non_null_expression'];

/** A name goes through them; through a call only outside of functions, as in "const f = memoize(function () {…})". */
export const passesName: ReadonlySet<string> = new Set([...wrappers, 'call_expression', 'arguments']);

/** Nodes whose content stands at the top of the module, if they do. */
export const passesTop: ReadonlySet<string> = new Set([
  ...['program', 'module', 'source_file', 'export_statement', 'lexical_declaration', 'variable_declaration'],
  ...['variable_declarator', 'expression_statement', 'assignment_expression', 'assignment', 'decorated_definition'],
  ...['if_statement', 'elif_clause', 'else_clause', 'try_statement', 'except_clause', 'block'],
  ...['export_clause', 'export_specifier', 'pair', 'shorthand_property_identifier', ...wrappers],
]);
