import { fenced, toBlock, toLine } from '../../text.ts';

/** A titled list; nothing where there is nothing to list. */
export function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines.map((line) => `- ${line}`)].join('\n');
}

/** A path in one line. */
export function place(file: string): string {
  return toLine(file, 400);
}

/** Foreign text between fences that it cannot end, without what a model's engine would take for its own marks. */
export function shown(text: string, language: string | null): string {
  const quoted = fenced(inert(toBlock(text, Infinity)));
  return language === null ? quoted : quoted.replace(/^`+/, (fence) => `${fence}${fenceWord(language)}`);
}

/** Splits the marks by which chat templates part system, user and model: in a file they are text. */
function inert(text: string): string {
  return text
    .replace(/<([|｜])(?=[\w▁]{1,40}[|｜]>)/gu, '< $1')
    .replace(/<(?=\/?(?:s|start_of_turn|end_of_turn|bos|eos)>)/g, '< ')
    .replace(/\[(?=\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS)\])/g, '[ ');
}

/** Word behind a fence. */
export function fenceWord(language: string | null): string {
  return language === null ? '' : (fenceWords[language] ?? language.toLowerCase());
}

const fenceWords: Record<string, string> = { 'C++': 'cpp', 'C or C++': 'c', 'C#': 'csharp' };
