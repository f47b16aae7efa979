import type { Edit } from './hypothesis.ts';

export type EditedFiles = { ok: true; files: Map<string, string> } | { ok: false; problem: string };

/** Where edits may go and what stands there: an existing regular text file, nothing yet, or why not. */
export interface EditTarget {
  isEditable: (path: string) => boolean;
  /** The content of a regular file, null where there is none; a problem for links, submodules, folders, binary files. */
  read(path: string): Promise<{ content: string | null } | { problem: string }>;
}

/** Applies the edits in order; later edits see the earlier ones. All or nothing; never throws for a bad edit. */
export async function applyEdits(edits: readonly Edit[], target: EditTarget): Promise<EditedFiles> {
  const files = new Map<string, string>();
  for (const [index, edit] of edits.entries()) {
    const refuse = (problem: string): EditedFiles => ({ ok: false, problem: `edits.${index}: ${problem}` });
    const pathIssue = pathProblem(edit.file);
    if (pathIssue) return refuse(`file ${JSON.stringify(edit.file)} ${pathIssue}`);
    if (!target.isEditable(edit.file)) return refuse(`file "${edit.file}" is not editable; only files matching "editable" may be changed`);
    const found = files.has(edit.file) ? { content: files.get(edit.file)! } : await target.read(edit.file);
    if ('problem' in found) return refuse(found.problem);
    const edited = applyEdit(found.content, edit);
    if ('problem' in edited) return refuse(edited.problem);
    const clash = [...files.keys()].find((other) => other.startsWith(`${edit.file}/`) || edit.file.startsWith(`${other}/`));
    if (clash) return refuse(`file "${edit.file}" cannot be beside "${clash}"; one of them would be a folder`);
    files.set(edit.file, edited.content);
  }
  return { ok: true, files };
}

/** One edit on one file's content (null: no such file). */
export function applyEdit(content: string | null, edit: Edit): { content: string } | { problem: string } {
  if ('content' in edit) return { content: edit.content };
  if (content === null) return { problem: `file "${edit.file}" does not exist; give "content" to create it` };
  const first = content.indexOf(edit.search);
  if (first < 0) return { problem: `"search" does not occur in ${edit.file}; copy it exactly from the file` };
  if (content.indexOf(edit.search, first + 1) >= 0) return { problem: `"search" occurs more than once in ${edit.file}; make it longer so that it is unique` };
  return { content: content.slice(0, first) + edit.replace + content.slice(first + edit.search.length) };
}

/** Why a path of a hypothesis is refused by its form alone, or null. */
export function pathProblem(path: string): string | null {
  const parts = path.split('/');
  if (/[\p{C}\\]/u.test(path)) return 'has a control character or backslash';
  if (path.startsWith('/') || parts.includes('..') || parts.includes('.') || parts.includes('')) return 'is not a plain path inside the repository';
  if (parts.some((part) => part.startsWith('-') || /[. ]$/.test(part))) return 'has a part that starts with "-" or ends with "." or a space';
  if (parts.some((part) => /^(\.git|git~[0-9])/i.test(part.normalize('NFKC')))) return "reaches into git's own files";
  if (path.length > 400 || parts.some((part) => new TextEncoder().encode(part).length > 200)) return 'is too long';
  return null;
}
