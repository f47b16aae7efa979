import type { Finding } from '../../domain/checks.ts';
import { line, type CleanLine } from '../../domain/text.ts';

export function ok(subject: string, fact: string): Finding {
  return { subject, state: 'ok', fact, remedy: null };
}

export function warning(subject: string, fact: string, remedy: string): Finding {
  return { subject, state: 'warning', fact, remedy };
}

export function failure(subject: string, fact: string, remedy: string | null): Finding {
  return { subject, state: 'failure', fact, remedy };
}

/** Makes failures of error lines; those set in are another program's, and stay as they are below the one before. */
export function parseFailures(lines: readonly string[], subject?: (line: string) => string): Finding[] {
  const found: Finding[] = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last && /^\s/.test(line)) last.output = [...(last.output ?? []), line];
    else found.push(parseFailure(line, subject?.(line)));
  }
  return found;
}

/** Splits an error line, "subject: fact; remedy", into a failure. */
export function parseFailure(line: string, subject?: string): Finding {
  const [, own = line.split(' ')[0]!, rest = line] = /^((?:[\w.-]+ ?){1,3}): (.*)$/s.exec(line) ?? [];
  const cut = rest.lastIndexOf('; ');
  const [fact, remedy] = cut < 0 ? [rest, null] : [rest.slice(0, cut), rest.slice(cut + 2)];
  return failure(subject ?? own, subject && own && own !== subject ? `${own}: ${fact}` : fact, remedy);
}

export function renderFinding({ subject, state, fact, remedy, output = [] }: Finding): CleanLine[] {
  const first = line`${state.padEnd(9)}${subject.padEnd(9)} ${fact}${remedy === null ? '' : `; ${remedy}`}`;
  return [first, ...output.slice(-maxOutput).map((text) => line`${' '.repeat(19)}${text.slice(2)}`)];
}

/** The end of what a program printed: errors stand there. */
const maxOutput = 20;
