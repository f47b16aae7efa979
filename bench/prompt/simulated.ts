import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countTokens } from '../../domain/proposal/question/tokens.ts';
import { targets } from '../questions/targets.ts';
import type { Asked } from './questions.ts';

/** Features of a question that the simulated model heeds, as they stand in the text that it gets. */
export interface Features {
  /** An answer in a code fence is asked for. */
  asksForFence: boolean;
  /** The hot function is shown with its body. */
  showsBody: boolean;
  /** It is said that results stay the same. */
  keepsResults: boolean;
  /** Tokens beside the code that is shown. */
  words: number;
}

const best = 0.9;
/** Factors of a feature that is missing, and tokens of words that halve the chance. */
const [withoutFence, withoutBody, withoutSame, halfAt] = [0.3, 0.7, 0.6, 250];
const blocks = /^(`{3,})[^\n`]*\n([\s\S]*?)\n\1$/gm;
const same =
  /\b(same|identical|equal|unchanged)\b[^.]{0,40}\b(results?|answers?|outputs?|values?)\b|\b(results?|answers?|outputs?|values?)\b[^.]{0,40}\b(same|identical|equal|unchanged)\b/i;

export function featuresOf({ task, question: { system, prompt, shown } }: Asked): Features {
  const { directory, file, benchmarkFile } = targets.find(({ name }) => name === task)!;
  const read = (path: string) => readFileSync(join(directory, path), 'utf8');
  const sources = [read(file), read(benchmarkFile)];
  // An outline has line numbers.
  const isSource = (line: string) => sources.some((source) => source.includes(line.replace(/^ *\d+ /, '').trim()));
  const isCode = (text: string) => text.split('\n').every(isSource);
  const fenced = [...prompt.matchAll(blocks)].map(([, , text]) => text!);
  const words = prompt.replace(blocks, (whole, _fence, text: string) => (isCode(text) ? '' : whole));
  const { function: target } = shown.target ?? { function: null };
  const hot = (target ? sources[0]!.slice(target.start, target.end) : sources[0]!).trim();
  return {
    asksForFence: words.includes('```'),
    showsBody: fenced.some((text) => text.includes(hot)),
    keepsResults: same.test(`${system}\n${words}`),
    words: countTokens(system) + countTokens(words),
  };
}

/** The chance that an answer is usable. Made up, and fixed before anything was run: it says nothing about real models. */
export function chanceOf({ asksForFence, showsBody, keepsResults, words }: Features): number {
  const factors = [asksForFence || withoutFence, showsBody || withoutBody, keepsResults || withoutSame];
  return factors.reduce((chance: number, factor) => chance * Number(factor), best) * 0.5 ** (words / halfAt);
}

/** Asks the simulated model once for each chance. @returns the share of usable answers */
export function simulatedShare(chances: readonly number[], random: () => number): number {
  return chances.filter((chance) => random() < chance).length / chances.length;
}
