import { protectedKind } from '../protection/protected-kinds.ts';

/** Directories whose sources are not what a program does. */
const aside =
  /^(docs?|doc-src|website|site|examples?|demos?|samples?|scripts?|tools?|dist|build|out|types|typings|coverage|benches|\.|dev|ci|contrib|third_party|vendor|node_modules)$/i;

/** Globs of the sources of a language: a directory at the top each, or a file. */
export function sourceGlobs(files: readonly string[], ending: RegExp): string[] {
  const sources = files.filter((path) => ending.test(path) && protectedKind(path) === null);
  const tops = sources.map((path) => (path.includes('/') ? `${path.slice(0, path.indexOf('/'))}/` : path));
  const globs = [...new Set(tops)].filter((top) => !aside.test(top.replace(/\/$/, '')));
  return globs.map((top) => (top.endsWith('/') ? `${top}**` : top));
}

/** Reads the names of a TOML table's list or keys, as far as a manifest's plain form goes. */
export function tomlSection(text: string, name: string): string | null {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trim() === `[${name}]`);
  if (start < 0) return null;
  const end = lines.findIndex((line, index) => index > start && /^\[/.test(line.trim()));
  return lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}
