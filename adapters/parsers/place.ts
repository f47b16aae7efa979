import type { Node } from '@vscode/tree-sitter-wasm';
import type { Language, SourceFunction } from '../../domain/source/function.ts';

/** A node that tells something of the functions in it. */
export interface Place {
  depth: number;
  type: string;
  node: Node;
  /** Field of its parent that it is. */
  field: string | null;
  isTop: boolean;
  /** It stands at the top of its module, and so does what stands directly in it. */
  isOpen: boolean;
  /** Names of what holds it and its own, joined. */
  name: string;
  /** Null too for a function without a name. */
  one: SourceFunction | null;
}

export interface Walk {
  language: Language;
  text: string;
  path: Place[];
  functions: SourceFunction[];
  lines: Set<number>;
  /** Local names that the module exports, with their names outside. */
  exports: Map<string, string>;
  bearers: Map<string, number>;
  /** First of the decorators that stand before a method and not in it. */
  decorator: { depth: number; node: Node } | null;
}
