import words from './wording.json' with { type: 'json' };

/**
 * Words that steer a model, and the order of a question's parts: data, so that bench/prompt can measure them and
 * examples/prompt improve them. Each line costs time. Braces name what is filled in. `ideas` are taken in turn, and
 * "fresh" shows no body; `score` is for aims where the number itself is to become better, and other answers may be the way.
 */
export const wording = words;

export type Idea = keyof typeof wording.ideas;

/** Tells where a part of a question stands; what stays from one iteration to the next comes first: an engine keeps that. */
export function placeOf(part: string): number {
  return wording.order.indexOf(part);
}

/** What is asked for: the same answers sooner, or a better number. */
export type Aim = 'speed' | 'score';

/** The words for an aim. */
export function wordsFor(aim: Aim): Pick<typeof wording, 'system' | 'ideas' | 'keep'> | typeof wording.score {
  return aim === 'score' ? wording.score : wording;
}

/** Fills the braces of a text. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
