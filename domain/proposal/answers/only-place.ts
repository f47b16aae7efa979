import type { Shown } from '../form.ts';
import { place } from '../place.ts';

/** The file that an edit without a file's name means: the one that was asked for, the only one, or where its text stands. */
export function onlyPlace(search: string, { target, files }: Shown): string | null {
  if (target) return target.file;
  if (files.length === 1) return files[0]!.path;
  const found = files.filter(
    ({ path, content }) => place(content, { file: path, search, replace: '' }) !== 'does not occur',
  );
  return found.length === 1 ? found[0]!.path : null;
}
