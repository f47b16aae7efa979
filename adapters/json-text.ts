import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { ParseResult } from '../domain/config/problems.ts';

/**
 * Reads JSON that a person wrote: comments and trailing commas are allowed, and a fault is told with line and column.
 * @param name the file's name, for the message
 */
export function parseJson(text: string, name: string): ParseResult<unknown> {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.includes('\0')) return { ok: false, problems: [`${name}: is no text in UTF-8; save it as UTF-8`] };
  try {
    return { ok: true, value: JSON.parse(plain) as unknown };
  } catch {
    const faults: ParseError[] = [];
    const value = parse(plain, faults, { allowTrailingComma: true }) as unknown;
    return faults[0] ? { ok: false, problems: [`${name}:${describe(plain, faults[0])}`] } : { ok: true, value };
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(text: string, { error, offset, length }: ParseError): string {
  const before = text.slice(0, offset).split('\n');
  const rest = text.slice(offset, offset + Math.min(length, 20));
  const found = rest === '' ? 'the text ends here' : `${JSON.stringify(rest)} is not allowed here`;
  const fact = text.trim() === '' ? 'the file is empty' : found;
  const expected = expectations[printParseErrorCode(error)] ?? 'a value';
  return `${before.length}:${before.at(-1)!.length + 1}: ${fact}; expected ${expected}`;
}

/** By jsonc-parser's name of the fault. */
const expectations: Record<string, string> = {
  InvalidSymbol: 'a value or a name, text in double quotes',
  InvalidEscapeCharacter: 'a backslash only before one of " \\ / b f n r t u',
  InvalidUnicode: 'four hexadecimal digits after \\u',
  InvalidCharacter: 'control characters as \\n, \\t or \\u0000',
  PropertyNameExpected: 'a name in double quotes',
  ColonExpected: '":"',
  CommaExpected: '"," or a closing bracket',
  CloseBraceExpected: '"," or "}"',
  CloseBracketExpected: '"," or "]"',
  EndOfFileExpected: 'the end of the text',
  UnexpectedEndOfString: 'a closing double quote',
  UnexpectedEndOfComment: '"*/"',
  UnexpectedEndOfNumber: 'a digit',
};
