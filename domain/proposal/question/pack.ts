import type { ParseResult } from '../../config/problems.ts';
import { countTokens } from './tokens.ts';

/** A part of a prompt. */
export interface Part {
  /** For people: "hot function", "callers". */
  name: string;
  text: string;
  /** Where it stands in the prompt. What stays from one iteration to the next comes first: an engine keeps that. */
  place: number;
}

export interface CountedPart extends Part {
  tokens: number;
}

export interface Room {
  /** Tokens that the parts may take in all. */
  limit: number;
  /** Tokens beyond which only needed parts are taken. */
  budget: number;
  /** Tokens that this model makes of one counted. */
  scale: number;
}

/**
 * Takes the needed parts, then the others as far as they fit: the first that does not fit ends it.
 * @param rest in order of worth
 */
export function pack(needed: readonly Part[], rest: readonly Part[], room: Room): ParseResult<CountedPart[]> {
  const count = (part: Part) => ({ ...part, tokens: Math.ceil(countTokens(part.text) * room.scale) + separator });
  const taken = needed.filter(({ text }) => text !== '').map(count);
  let total = sum(taken);
  if (total > room.limit) return { ok: false, problems: [tooLong(taken, room.limit)] };
  for (const part of rest.filter(({ text }) => text !== '').map(count)) {
    total += part.tokens;
    if (total > Math.min(room.budget, room.limit)) break;
    taken.push(part);
  }
  return { ok: true, value: taken.sort((a, b) => a.place - b.place) };
}

/** Tokens between two parts. */
const separator = 2;

function sum(parts: readonly CountedPart[]): number {
  return parts.reduce((total, { tokens }) => total + tokens, 0);
}

function tooLong(parts: readonly CountedPart[], limit: number): string {
  const largest = parts.reduce((best, part) => (part.tokens > best.tokens ? part : best));
  const fact = `the prompt needs about ${sum(parts)} tokens, ${largest.tokens} of them for "${largest.name}", and has ${limit}`;
  return `hypothesis.contextTokens: ${fact}; raise it, or take a model with a longer context`;
}
