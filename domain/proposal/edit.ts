import type { Edit } from './hypothesis.ts';
import { foldedPath, newPathProblem, pathProblem } from './path-form.ts';
import { inFormOf, place } from './place.ts';

export type EditedFiles = { ok: true; files: Map<string, string> } | { ok: false; problem: string };

/** Answers for each path: editable, protected, and its present content. */
export interface EditTarget {
  isEditable: (path: string) => boolean;
  /** Why a path comes from the base whatever `editable` says: a few words, such as "a test"; else null. */
  protection: (path: string) => string | null;
  /** The content of a regular file, null where there is none; a problem for anything else, or a name that clashes. */
  read(path: string): Promise<{ content: string | null } | { problem: string }>;
}

/** In bytes: one file after the edits, and all of them together. */
const maxFileBytes = 2 * 1024 * 1024;
const maxTotalBytes = 4 * 1024 * 1024;

/** Applies the edits in order; later edits see the earlier ones. All or nothing; never throws for a bad edit. */
export async function applyEdits(edits: readonly Edit[], target: EditTarget): Promise<EditedFiles> {
  const files = new Map<string, string>();
  for (const [index, edit] of edits.entries()) {
    const refuse = (problem: string): EditedFiles => ({ ok: false, problem: `edits.${index}: ${problem}` });
    const name = `file ${JSON.stringify(edit.file)}`;
    const misfit = placeProblem(edit.file, target);
    if (misfit) return refuse(`${name} ${misfit}`);
    const found = files.has(edit.file) ? { content: files.get(edit.file)! } : await target.read(edit.file);
    if ('problem' in found) return refuse(found.problem);
    const unfit = found.content === null ? newPathProblem(edit.file) : null;
    if (unfit) return refuse(`${name} ${unfit}; choose another name`);
    const clash = [...files.keys()].find((other) => clashes(other, edit.file));
    if (clash !== undefined) {
      const why = 'one of them would be a folder, or the same file to some systems';
      return refuse(`${name} cannot be beside ${JSON.stringify(clash)}; ${why}`);
    }
    const edited = applyEdit(found.content, edit);
    if ('problem' in edited) return refuse(edited.problem);
    files.set(edit.file, edited.content);
  }
  const problem = sizeProblem(files);
  return problem ? { ok: false, problem } : { ok: true, files };
}

/** One edit on one file's content (null: no such file). @internal */
export function applyEdit(content: string | null, edit: Edit): { content: string } | { problem: string } {
  const [before, after] = 'content' in edit ? [content ?? '', edit.content] : [edit.search, edit.replace];
  const foreign = contentProblem(before, after);
  if (foreign) return { problem: `the new text of ${edit.file} has ${foreign}` };
  if ('content' in edit) return { content: content === null ? edit.content : inFormOf(content, edit.content) };
  if (content === null) return { problem: `file "${edit.file}" does not exist; give "content" to create it` };
  const placed = place(content, edit);
  if (placed === 'does not occur')
    return { problem: `"search" does not occur in ${edit.file}; copy it exactly from the file` };
  if (placed === 'occurs more than once')
    return { problem: `"search" occurs more than once in ${edit.file}; make it longer so that it is unique` };
  return { content: content.slice(0, placed.start) + placed.text + content.slice(placed.end) };
}

function placeProblem(path: string, target: EditTarget): string | null {
  const form = pathProblem(path);
  if (form) return form;
  const kind = target.protection(path);
  if (kind) return `comes from the base, whatever "editable" says (${kind}); change what is measured, not who measures`;
  return target.isEditable(path) ? null : 'is not editable; only files matching "editable" may be changed';
}

function clashes(a: string, b: string): boolean {
  if (a === b) return false;
  const [x, y] = [foldedPath(a), foldedPath(b)];
  return x === y || x.startsWith(`${y}/`) || y.startsWith(`${x}/`);
}

/** Refuses characters that were not in the file before. */
function contentProblem(before: string, after: string): string | null {
  if (after.includes('\0')) return 'a NUL character, so that it would be no text; leave it out';
  if (/\p{Cs}/u.test(after)) return 'half of a surrogate pair, which UTF-8 cannot hold; write it as an escape';
  for (const [kind, form] of hidden)
    if (form.test(after) && !form.test(before)) return `${kind}; write it as an escape`;
  return null;
}

/** Characters by which a person reads something else than the machine does. */
const hidden: readonly [string, RegExp][] = [
  ['characters that turn the direction of writing', /[\u202a-\u202e\u2066-\u2069]/],
  ['control characters', /[\u0001-\u0008\u000b\u000e-\u001f\u007f-\u0084\u0086-\u009f]/],
];

function sizeProblem(files: ReadonlyMap<string, string>): string | null {
  let total = 0;
  for (const [path, content] of files) {
    const size = new TextEncoder().encode(content).length;
    if (size > maxFileBytes)
      return `edits: ${JSON.stringify(path)} would have ${size} bytes; at most ${maxFileBytes} are taken`;
    total += size;
  }
  const problem = `edits: the files would have ${total} bytes together; at most ${maxTotalBytes} are taken`;
  return total > maxTotalBytes ? problem : null;
}
