import type { TestInSource } from './tests.ts';

export type Language = 'javascript' | 'typescript' | 'tsx' | 'python' | 'go' | 'rust';

/** Offsets in UTF-16 units; the end is behind the last one. */
interface TextRange {
  start: number;
  end: number;
}

export interface SourceFunction {
  /** Qualified by its classes, objects and functions: "Parser.next". A name's second bearer is "name#2". */
  name: string;
  /** 1-based lines of the whole definition, decorators included. */
  start: number;
  end: number;
  range: TextRange;
  /** Inner range of the body; a first statement can be put at its start. Null for an arrow's expression. */
  body: TextRange | null;
  expression: TextRange | null;
  /** Python: white space before the body's statements; "" where the body stands on the line of its header. */
  indent: string;
  kind: 'function' | 'method' | 'arrow' | 'constructor' | 'getter' | 'setter';
  isAsync: boolean;
  isGenerator: boolean;
  /** Names of the parameters, those with a default included; null where one is a pattern, a rest or keyword-only. */
  parameters: string[] | null;
  /** Stands at the top of its module by a name of its own or as an export: not within a class or function. */
  isModuleLevel: boolean;
  /** Name under which the module exports it ("default" for the default), or null. */
  exported: string | null;
  /** Uses its receiver: `this`, `super`, `self`. */
  usesThis: boolean;
}

/** Tells if the text of one function lies within that of another. */
export function holds(outer: SourceFunction, inner: SourceFunction): boolean {
  const { start, end } = outer.range;
  return outer !== inner && start <= inner.range.start && inner.range.end <= end;
}

/** Tells if a text has a name as a word of its own. */
export function hasWord(text: string, name: string): boolean {
  return text.split(/[^\p{ID_Continue}$]+/u).includes(name);
}

export interface ParsedSource {
  language: Language;
  /** Named functions that have a body, in the order of the text. Unnamed ones belong to what holds them. */
  functions: SourceFunction[];
  /** A hint only: the grammar does not know all of a language. */
  errors: { line: number }[];
  tests: TestInSource[];
}

/** A text file of a tree. */
export interface SourceFile {
  path: string;
  content: string;
  /** Null where no parser knows the language, or the text was too much for it. */
  parsed: ParsedSource | null;
}
