import { findOnPath, findTool, findToolchains, isVisible, missing, toolFlag } from './tools.ts';
import type { SandboxKind } from './contract.ts';

const builtins = new Set(
  `. : [ alias bg break cd continue echo eval exit export false fg getopts hash jobs kill local printf pwd read
  readonly return set shift source test times trap true type ulimit umask unalias unset wait case esac for fi done
  in select function }`.split(/\s+/),
);
/** Words that stand before a program. */
const prefixes = new Set('! { ( if then elif else while until do time exec command env nohup nice'.split(' '));

/** Lists programs that a shell command starts and its run would not find: bare first words only. One line each. */
export function checkCommandTools(command: string, tools: readonly string[], kind: SandboxKind = 'bubblewrap') {
  const toolchains = findToolchains(tools);
  return firstWords(command).flatMap((word) => {
    const at = findTool(word);
    if (at === null) return [missing(word)];
    if (kind === 'none' || isVisible(word, toolchains)) return [];
    const { problems } = findToolchains([word]);
    const remedy = `show it with ${toolFlag(word)}, or add "${word}" to "tools" in the worker's settings`;
    return problems.length > 0 ? problems : [`tools: ${word} is at ${at}, which the sandbox does not show; ${remedy}`];
  });
}

/** Programs that a command starts by name. */
export function firstWords(command: string): string[] {
  const bare = command
    .replace(/\\\n/g, ' ')
    .replace(/'[^']*'|"(?:\\.|[^"\\])*"/gs, '$')
    .replace(/(^|\s)#.*$/gm, '$1')
    .replace(/\$\(\([^)]*\)\)/g, '$');
  // Functions, patterns and here-documents need a parser: better no alarm than a false one.
  if (/\(\)|\bcase\b|<</.test(bare)) return [];
  const words = bare.split(/&&|\|\|?|[;()\n]/).flatMap((part) => firstWord(part.trim().split(/\s+/)));
  return [...new Set(words)].filter((word) => /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(word) && !builtins.has(word));
}

function firstWord(words: string[]): string[] {
  const start = words.findIndex((word) => !prefixes.has(word) && !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word));
  return start < 0 ? [] : [words[start]!];
}

/** Programs that commands start by name, with the place of each as a run finds it: "python3 (/usr/bin/python3)". */
export function usedTools(commands: readonly string[], tools: readonly string[]): string[] {
  const { path } = findToolchains(tools);
  return [...new Set(commands.flatMap(firstWords))].flatMap((word) => {
    const at = findOnPath(word, path);
    return at === null ? [] : [`${word} (${at})`];
  });
}
