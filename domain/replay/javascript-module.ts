import type { SourceFunction } from '../source/function.ts';
import { replayDirectory } from './contract.ts';

/**
 * Rewrites a module so that it offers its functions to recorder and caller, and uses what they give in their place.
 * The source is changed because nobody can replace the exports of an ES module. No line moves.
 */
export function offeringModule(file: string, text: string, all: readonly SourceFunction[]): string {
  const isModule = isEsModule(file, text);
  const usable = all.filter((one) => !one.isAsync && !one.isGenerator && !one.name.includes('#'));
  const functions = usable.filter((one) => one.isModuleLevel);
  const path = JSON.stringify(file);
  let body = text;
  const atStart: string[] = [];
  const atEnd: string[] = [];
  // From the end, so that earlier places stay.
  for (const one of [...functions].sort((a, b) => b.range.start - a.range.start)) {
    const [own, exported] = [JSON.stringify(one.name), JSON.stringify(one.exported)];
    const offer = `${one.name} = __karpathyLoop.offer(${path}, ${own}, ${one.name}, ${exported});`;
    const { kind, place } = declarationOf(text, one);
    if (kind === 'function') atStart.push(offer);
    if (kind === 'let') atEnd.push(offer);
    if (kind !== 'const') continue;
    body = `${body.slice(0, place)}let  ${body.slice(place + 'const'.length)}`;
    // Of a default export by name the value counts, unless it is written as a list.
    body = body.replace(
      new RegExp(`^export default ${one.name}\\b(?!\\s*[.(\`[])`, 'm'),
      `export { ${one.name} as default }`,
    );
    atEnd.push(offer);
  }
  const names: Record<string, string> = Object.fromEntries(
    functions.flatMap(({ name, exported }) => (exported ? [[exported, name]] : [])),
  );
  // Functions that stand on the exported one, as in "parse.strict = …".
  for (const { name } of usable)
    if (name.startsWith(`${names.default}.`)) names[name.slice(names.default!.length + 1)] ??= name;
  if (!isModule)
    atEnd.push(`module.exports = __karpathyLoop.offerAll(${path}, module.exports, ${JSON.stringify(names)});`);
  const recorder = JSON.stringify(`${'../'.repeat(file.split('/').length - 1) || './'}${replayDirectory}/record.cjs`);
  const start = isModule
    ? `import * as __karpathyLoop from ${recorder};`
    : `${strictness(text)}const __karpathyLoop = require(${recorder});`;
  const hashbang = /^#!.*\n/.exec(body)?.[0] ?? '';
  return `${hashbang}${start}${atStart.join('')}${body.slice(hashbang.length)}\n;${atEnd.join('')}\n`;
}

/** Finds how a name is declared, and the place of its keyword. */
function declarationOf(text: string, { name, range }: SourceFunction) {
  // A definition begins at its declarator or at its keyword.
  const from = text.lastIndexOf('\n', range.start) + 1;
  const head = text.slice(from, range.start + name.length + 60);
  const word = escapeName(name);
  if (new RegExp(`^\\s*(export\\s+)?(default\\s+)?(async\\s+)?function\\s*\\*?\\s*${word}\\s*[(<]`).test(head))
    return { kind: 'function', place: from } as const;
  const found = new RegExp(`^(\\s*(?:export\\s+)?)(const|let|var)\\s+${word}\\s*[=:]`).exec(head);
  if (!found) return { kind: 'other', place: from } as const;
  return { kind: found[2] === 'const' ? 'const' : 'let', place: from + found[1]!.length } as const;
}

function escapeName(name: string): string {
  return name.replace(/\$/g, '\\$');
}

function isEsModule(file: string, text: string): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (/\.c[jt]s$/.test(file)) return false;
  return /^\s*(import\s*["'{*\w]|export\s+(default|const|let|var|function|async|class|type|interface|enum|abstract)\b|export\s*[{*])/m.test(
    text,
  );
}

/** Keeps a script strict whose directive no longer stands first. */
function strictness(text: string): string {
  return /^\s*(["'])use strict\1/m.test(text) ? "'use strict';" : '';
}
