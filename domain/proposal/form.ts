/**
 * What a question asks for: the text of a function or short file ("rewrite"), search/replace blocks
 * ("blocks"), or a value of a named constant as JSON ("choice").
 */
export const forms = ['rewrite', 'blocks', 'choice'] as const;
export type Form = (typeof forms)[number];

/** Fewest parameters that write code at all, and most that fill in blocks worse than they write code anew. */
const [leastForCode, mostForRewrite] = [300e6, 12e9];

/** Chooses the form that a model of this many parameters answers best; null: not known. Grounds: docs/models.md. */
export function formBySize(parameters: number | null): Form {
  if (parameters === null) return 'rewrite';
  if (parameters < leastForCode) return 'choice';
  return parameters <= mostForRewrite ? 'rewrite' : 'blocks';
}

/** Answers in a row that could not be read or placed, after which blocks are given up. */
const maxUnread = 2;

/** The form for the next question, corrected by what came of the earlier ones: a model that fails at blocks writes anew. */
export function formFor(form: Form, reasons: readonly (string | null)[]): Form {
  if (form !== 'blocks') return form;
  let unread = 0;
  for (const reason of reasons) {
    unread = reason === 'no-hypothesis' || reason === 'edit-refused' ? unread + 1 : 0;
    if (unread === maxUnread) return 'rewrite';
  }
  return form;
}

/** Shows of a question by which an answer is placed. */
export interface Shown {
  form: Form;
  /** Editable files in full, though the prompt may have shown an outline of them only. */
  files: { path: string; content: string }[];
  /** Code that was to be written anew; null where the question named none. */
  target: ShownTarget | null;
}

interface ShownTarget {
  file: string;
  /** Offsets in the file's content, of a function with its decorators; null: the whole file. */
  function: { name: string; start: number; end: number } | null;
}
