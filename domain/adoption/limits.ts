import { toLine } from '../text.ts';
import { whyNever } from './editable.ts';

/** Names in a source file, as a parser has read it. */
export interface SourceFacts {
  /** Modules that it imports, in any form; "(computed)" for one that only a run can tell. */
  imports: readonly string[];
  /** Identifiers, names of properties and texts of strings. */
  words: readonly string[];
}

/** A file that differs between two builds. */
export interface FileChange {
  path: string;
  /** Mode in git; null where it is gone. */
  mode: string | null;
  /** Null where there was no such file. */
  before: SourceFacts | null;
  /** `unreadable`: the parser knows no more. Null where it is gone. */
  after: SourceFacts | 'unreadable' | null;
}

/** A name that no file system, loader or reader takes for another one. */
const plainPath = /^[a-z0-9_-]+(\/[a-z0-9_-]+)*\.ts$/;
/** Of a file of the product, without what a URL would decode, drop or cut off: "%2e", "\\", tabs, "?". */
const plainImport = /^\.{1,2}\/(\.\.\/)*([a-z0-9_-]+\/)*[a-z0-9_-]+\.ts$/;
/** Escapes that spell no letter. */
const plainEscape = /\\[nrtbfv0'"`$\\]/g;

type Matches = (path: string, glob: string) => boolean;

/** Modules of Node.js that reach nothing outside of the process. */
const harmless: ReadonlySet<string> = new Set(
  ['assert', 'buffer', 'path', 'perf_hooks', 'string_decoder', 'url', 'util'].map((name) => `node:${name}`),
);
/** Words that lead to the process, the network or other code without any import. */
const powers: ReadonlySet<string> = new Set([
  ...[
    'process',
    'globalThis',
    'global',
    'self',
    'eval',
    'Function',
    'require',
    'constructor',
    '__proto__',
    'prototype',
  ],
  ...['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'navigator', 'WebAssembly', 'SharedArrayBuffer'],
  ...['getBuiltinModule', 'binding', 'dlopen', 'import.meta', 'Reflect', 'setPrototypeOf', 'getPrototypeOf'],
  // A console has its stream, which has a socket; frames of a call have their functions and what they were called on.
  // The parser of schemas makes code of text (Doc).
  ...['console', 'prepareStackTrace', 'BroadcastChannel', 'MessageChannel', 'Doc'],
  // They change what other code calls.
  ...['defineProperty', 'defineProperties', '__defineGetter__', '__defineSetter__'],
]);

/** Says what goes beyond the limits of a build that is to take another one's place, one line each. */
export function limitProblems(changes: readonly FileChange[], matches: Matches): string[] {
  return changes.flatMap((change) => {
    const never = whyNever(change.path, matches);
    const problems = never === null ? newPowers(change, matches) : [never];
    return problems.map((problem) => `${toLine(change.path)}: ${problem}`);
  });
}

function newPowers({ path, mode, before, after }: FileChange, matches: Matches): string[] {
  if (mode === null) return [];
  if (!plainPath.test(path)) return ['has a name of other characters than a-z, 0-9, "-" and "_"'];
  // A submodule has a mode and no content of its own.
  if (mode !== '100644') return [`has mode ${mode}; plain files alone may change`];
  if (after === 'unreadable' || after === null) return ['cannot be parsed'];
  const known = { imports: new Set(before?.imports), words: new Set(before?.words) };
  const imports = after.imports.filter((name) => !known.imports.has(name));
  const words = after.words.filter((word) => !known.words.has(word));
  return [
    ...imports.filter((name) => !mayImport(path, name, matches)).map((name) => `imports ${JSON.stringify(name)} anew`),
    ...words
      .filter((word) => powers.has(word) || word.replace(plainEscape, '').includes('\\'))
      .map((word) => `uses ${JSON.stringify(word)} anew`),
  ];
}

/** Whoever could reach their lists and schemas could add to them while they are in use. */
const rules = /^domain\/(adoption|config)\//;

/** Pure code but for the rules themselves, and files of the same room that may change. */
function mayImport(path: string, name: string, matches: Matches): boolean {
  if (!name.startsWith('.')) return harmless.has(name);
  if (!plainImport.test(name)) return false;
  const target = resolve(path, name);
  const room = `${path.split('/')[0]}/`;
  return (
    (target.startsWith('domain/') && !rules.test(target)) ||
    (target.startsWith(room) && whyNever(target, matches) === null)
  );
}

/** @returns a path with ".." at its head where it leads outside */
function resolve(from: string, name: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of name.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
