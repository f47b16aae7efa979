/** Forms in which calls go into a run and answers come out of it, as JSON. Recorders and callers of every language keep to them. */

/**
 * A value of a program as JSON. Null, booleans, strings, finite numbers and lists are themselves; all else has a tag.
 * Recorders and callers bound it by `valueLimits`; what is beyond, or is no data, becomes `opaque`.
 */
export type Canonical = null | boolean | number | string | Canonical[] | Tagged;

export type Tagged =
  /** "NaN", "Infinity", "-Infinity" and "-0". A float of a language that has integers too: its shortest text, such as "1.0". */
  | { $: 'float'; text: string }
  /** Decimal digits. Python's integers beyond 2^53, JavaScript's BigInt. */
  | { $: 'bigint'; text: string }
  /** A string with lone surrogates, by UTF-16 unit. */
  | { $: 'units'; units: number[] }
  | { $: 'undefined' }
  /** A plain object, or a dict with strings as keys; keys are sorted, so that their order does not count. */
  | { $: 'object'; entries: [string, Canonical][] }
  /** An object of a class of the program: it can be answered, and not be given. */
  | { $: 'instance'; class: string; entries: [string, Canonical][] }
  /** In order of iteration; that of Python's dicts and sets does not count, and is sorted by JSON text. */
  | { $: 'map'; entries: [Canonical, Canonical][] }
  /** `class`: "Set", "set", "frozenset". */
  | { $: 'set'; class: string; values: Canonical[] }
  /** `class`: "tuple", or the name of a named tuple. */
  | { $: 'tuple'; class: string; values: Canonical[] }
  /** Milliseconds; null for an invalid date. */
  | { $: 'date'; ms: number | null }
  | { $: 'regexp'; source: string; flags: string }
  /** `class`: "Buffer", "ArrayBuffer", "bytes", "bytearray". */
  | { $: 'bytes'; class: string; hex: string }
  /** A typed array other than bytes; big integers as decimal text. */
  | { $: 'numbers'; class: string; values: Canonical[] }
  | { $: 'error'; class: string }
  /** An object that contains itself: how many levels up it stands, 0 for the object itself. */
  | { $: 'cycle'; up: number }
  /** Why it is no data: "function", "promise", "iterator", "symbol", "too deep", "too large", "hole", "proxy", a class. */
  | { $: 'opaque'; what: string };

/** Limits of one canonical value; arguments of a call, and an answer, are one value each. */
export const valueLimits = { depth: 24, nodes: 4_000, chars: 32_768 } as const;

/** Names a function of a tree. */
export interface FunctionName {
  /** From the top of the tree. */
  file: string;
  /** As in its module: a name at module level; "default" for a nameless one that is the whole export. */
  name: string;
}

export function keyOf({ file, name }: FunctionName): string {
  return `${file}\0${name}`;
}

/** One line that a recorder writes. Each holds a call, or says once why calls of a function cannot be taken. */
export type Recorded = FunctionName & ({ arguments: Canonical[] } | { leftOut: string });

/** Calls of the base, by the command that made them. */
export interface BaseCalls {
  tests: Recorded[];
  benchmark: Recorded[];
  /** Set if the benchmark came to its end and loaded no module that a candidate may change: it reads files alone. */
  isUntouched: boolean;
}

/** One line of a recorder that watches: how a call ended in the program's own run. `name`: as its module exports it. */
export interface Watched {
  name: string;
  arguments: Canonical[];
  end: CallEnd;
  /** The arguments after the call. */
  after: Canonical[];
}

/** File beside the recorder that lets it watch; its content is a number by which calls are chosen. */
export const watchFile = 'watch';

export interface ReplayCall extends FunctionName {
  id: number;
  arguments: Canonical[];
}

/** Content of `calls.json`, which a caller reads. It never holds an answer. */
export interface CallRequest {
  /** Each line of answers begins with it and a space. */
  mark: string;
  /** Longest duration of one call, in ms; a longer one is ended and is `late`. */
  callMs: number;
  /** Files of which every call tells the functions that it ran; none in a candidate's run. */
  traced: string[];
  calls: ReplayCall[];
}

/** One line of a caller, in the order of the calls. A caller never ends early for what a call does. */
export interface Answer {
  id: number;
  end: CallEnd;
  /** The arguments after the call; left out where they are as before. */
  after?: Canonical[];
  /** Functions of traced files that ran in this call, by file and first line. */
  ran?: [file: string, line: number][];
}

type CallEnd =
  | { kind: 'returned'; value: Canonical }
  /** `isAccident`: thrown by the language itself, not on purpose (a property of undefined, no such key). */
  | { kind: 'threw'; class: string; code: string | null; isAccident: boolean }
  | { kind: 'late' }
  /** No such function is found, or its module cannot be loaded. */
  | { kind: 'unreachable'; why: string };

/** Directory at the top of a tree that holds the files of recorder and caller. */
export const replayDirectory = '.karpathy-loop-replay';
/** Directory below TMPDIR in which recorders write one file of lines per process, whose name ends in ".jsonl". */
export const recordingDirectory = 'karpathy-loop-replay';
/** Recorded calls of one function, of which no two are equal. */
export const maxRecorded = 24;
