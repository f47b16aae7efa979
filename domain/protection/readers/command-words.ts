import { treeMount } from '../../names.ts';

/**
 * Splits a shell command into simple commands, and each into words without quotes; substitutions come first and leave
 * `$()` or `$PWD`. Best effort: no expansion, no here-document.
 */
export function splitCommand(command: string, depth = 0): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | null = null;
  const add = (text: string) => void (word = (word ?? '') + text);
  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = () => {
    endWord();
    words = words.filter((one) => one !== '{' && one !== '}');
    if (words.length > 0) commands.push(words);
    words = [];
  };
  let isQuoted = false;
  for (let index = 0; index < command.length; index++) {
    const character = command[index]!;
    const substituted = substitution(command, index);
    if (substituted) {
      if (depth < maxDepth) commands.push(...splitCommand(substituted.code, depth + 1));
      add(/^\s*pwd\s*$/.test(substituted.code) ? '$PWD' : '$()');
      index = substituted.end;
    } else if (character === '"') {
      isQuoted = !isQuoted;
      add('');
    } else if (character === '\\') {
      const next = command[++index] ?? '';
      add(isQuoted && !/["\\$`]/.test(next) ? `\\${next}` : next);
    } else if (isQuoted) add(character);
    else if (character === "'") {
      const end = endOf(command, "'", index + 1);
      add(command.slice(index + 1, end));
      index = end;
    } else if (/[;&|\n()]/.test(character)) endCommand();
    else if (/[\s<>]/.test(character)) endWord();
    else add(character);
  }
  endCommand();
  return commands;
}

const maxDepth = 20;

/**
 * Joins a directory and a path as git names it; null for the top and for paths that lead out. Absolute paths lead
 * through `treeMount`.
 */
export function joinPath(directory: string, path: string): string | null {
  const isMounted = path.startsWith(`${treeMount}/`);
  if (path.startsWith('/') && !isMounted) return null;
  const parts: string[] = isMounted || directory === '' ? [] : directory.split('/');
  for (const part of path.slice(isMounted ? treeMount.length + 1 : 0).split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/') || null;
}

/** The command that begins here as `$(...)` or in backticks, and where its last character is. */
function substitution(command: string, start: number): { code: string; end: number } | null {
  if (command[start] === '`') {
    const end = endOf(command, '`', start + 1);
    return { code: command.slice(start + 1, end), end };
  }
  if (!command.startsWith('$(', start)) return null;
  let open = 1;
  for (let index = start + 2; index < command.length; index++) {
    const character = command[index]!;
    if (character === '\\') index++;
    else if (character === "'") index = endOf(command, "'", index + 1);
    else if (character === '(') open++;
    else if (character === ')' && --open === 0) return { code: command.slice(start + 2, index), end: index };
  }
  return { code: command.slice(start + 2), end: command.length };
}

function endOf(command: string, mark: string, start: number): number {
  const end = command.indexOf(mark, start);
  return end < 0 ? command.length : end;
}
