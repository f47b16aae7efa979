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

/** Splits an error line, "subject: fact; remedy", into a failure. */
export function parseFailure(line: string, subject?: string): Finding {
  const [, own = '', rest = line] = /^([\w .-]+): (.*)$/s.exec(line) ?? [];
  const cut = rest.lastIndexOf('; ');
  const [fact, remedy] = cut < 0 ? [rest, null] : [rest.slice(0, cut), rest.slice(cut + 2)];
  return failure(subject ?? own, subject && own && own !== subject ? `${own}: ${fact}` : fact, remedy);
}

export function renderFinding({ subject, state, fact, remedy }: Finding): CleanLine {
  return line`${state.padEnd(9)}${subject.padEnd(10)}${fact}${remedy === null ? '' : `; ${remedy}`}`;
}
