import type { Shown } from '../form.ts';
import type { Edit } from '../hypothesis.ts';
import { lastName } from './code/additions.ts';

const decoration = /^[\s#>*_-]{0,20}/;
const titleLine = /^(?:title|summary|hypothesis|change)\s{0,3}[*_]{0,3}\s{0,3}[:：]\s{0,3}[*_]{0,3}\s{0,3}(\S.*)$/i;
const reasonLine = /^(?:reason|rationale|explanation|why)\s{0,3}[*_]{0,3}\s{0,3}[:：]\s{0,3}[*_]{0,3}\s{0,3}(\S.*)$/i;
/** Sentences that say nothing of the change. */
const opener =
  /^(sure|certainly|of course|okay|ok\b|here('s| is| are)|below|this is the|the following|to (improve|optimi[sz]e|make)|i('ll| will| have)|let('s| me)|you can|```)|:$/i;

/** Reads title and reason from the words around the code. Null where there are none. */
export function readWords(prose: readonly string[]): { title: string | null; rationale: string | null } {
  const lines = prose.filter((line) => line.length < 5_000).map((line) => line.replace(decoration, '').trim());
  const find = (form: RegExp) => lines.map((line) => form.exec(line)?.[1]).find((text) => text !== undefined);
  const told = lines.filter(
    (line) => line !== '' && !titleLine.test(line) && !/^[<>=@+-]{3}|^[\w./-]+\.\w{1,5}:?$/.test(line),
  );
  const first = told
    .flatMap((line) => line.split(/(?<=[.!?])\s/))
    .find((one) => /\S\s+\S+\s+\S/.test(one) && !opener.test(one));
  const title = find(titleLine) ?? first;
  const rationale = find(reasonLine) ?? told.filter((line) => !opener.test(line)).join('\n');
  return { title: title?.replace(/[*_`"]{1,3}$|^[*_`"]{1,3}/g, '') ?? null, rationale: rationale || null };
}

/** A title for an answer that has none. */
export function titleOfEdits(edits: readonly Edit[], { target }: Shown): string {
  const [file] = edits.map((edit) => edit.file);
  return target?.function && target.file === file
    ? `Rewrite ${lastName(target.function.name)} in ${file}`
    : `Change ${file}`;
}
