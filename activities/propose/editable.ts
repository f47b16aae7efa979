import { readFiles, textOf, type TreeFile } from '../../adapters/git/trees.ts';
import { findChoices } from '../../domain/proposal/choices.ts';
import type { Source } from '../../domain/config/plan.ts';
import { toLine, type CleanLine } from '../../domain/text.ts';
import { editableFiles, type OpenLoop } from '../loop/open-loop.ts';

/** In bytes. A larger file is never shown; of a larger repository no more is looked at. */
const [maxShown, maxLooked] = [400_000, 32 * 2 ** 20];
const maxNamed = 5;

interface Looked {
  /** Files that can be edited. */
  fit: { path: string; content: string }[];
  /** Files that never can, with the reason and what would help. */
  tooLarge: string[];
  foreign: string[];
}

interface EditableLook {
  /** Names files of the base that no proposal can ever change, one line a kind. */
  notes: CleanLine[];
  /** Says why this leaves the source nothing to do; empty where it has something. */
  problems: string[];
}

/** Looks what of the base's editable files a source can change. */
export async function lookAtEditable(
  loop: OpenLoop,
  { kind, form }: Pick<Source, 'kind' | 'form'>,
): Promise<EditableLook> {
  const { fit, tooLarge, foreign } = await look(loop);
  const large = `larger than ${maxShown} bytes, and can never be edited here; split it, or take it out`;
  const encoded = 'no text in UTF-8, and can never be edited here; convert it ("iconv -t UTF-8"), or take it out';
  const notes = [...note(tooLarge, large), ...note(foreign, encoded)];
  if (fit.length === 0 && notes.length > 0)
    return { notes, problems: [...notes, 'editable: nothing else is there to be edited'] };
  if (form === 'choice' && findChoices(fit).length === 0) {
    const small = 'the model is so small that it only chooses values of named constants';
    const who = kind === 'tune' ? '"tune" sets values of named constants' : small;
    const fact = `${who}, and no editable file has one`;
    const remedy =
      'take a coding model ("ollama pull qwen2.5-coder:7b") or a program of your own (--command-source), or name a constant (const BLOCK_SIZE = 64)';
    return { notes, problems: [`hypothesis.source: ${fact}; ${remedy}`] };
  }
  return { notes, problems: [] };
}

function note(paths: readonly string[], what: string): CleanLine[] {
  if (paths.length === 0) return [];
  const more = paths.length > maxNamed ? ` and ${paths.length - maxNamed} more` : '';
  const are = paths.length === 1 ? 'is' : 'are';
  return [toLine(`editable: ${paths.slice(0, maxNamed).join(', ')}${more} ${are} ${what}`, 600)];
}

async function look(loop: OpenLoop): Promise<Looked> {
  const found: Looked = { fit: [], tooLarge: [], foreign: [] };
  let left = maxLooked;
  const isShort = ({ size }: TreeFile) => size <= maxShown && (left -= size) >= 0;
  const editable = await editableFiles(loop, loop.plan.baseSha);
  found.tooLarge = editable.filter(({ size }) => size > maxShown).map(({ path }) => path);
  const short = editable.filter(isShort);
  const blobs = await readFiles(loop.clone, short);
  for (const { path, sha } of short) {
    const bytes = blobs.get(sha)!;
    if (isBinary(bytes)) continue;
    const content = textOf(bytes);
    if (content === null) found.foreign.push(path);
    else found.fit.push({ path, content });
  }
  return found;
}

/** An image, say, which nobody means to have edited; text in UTF-16 begins with a mark. */
function isBinary(bytes: Buffer): boolean {
  const isWide = bytes.length > 1 && [0xfffe, 0xfeff].includes(bytes.readUInt16BE(0));
  return !isWide && bytes.includes(0);
}
