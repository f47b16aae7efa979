import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from '../../adapters/models/model.ts';
import { parseSource } from '../../adapters/parsers/parse.ts';
import { readAnswer } from '../../domain/proposal/answers/read-answer.ts';
import { applyEdits } from '../../domain/proposal/edit.ts';
import type { Question } from '../../domain/proposal/prompt.ts';
import type { Judge, Judged } from './judge.ts';
import type { Answered } from './table.ts';
import type { Target } from './targets.ts';

/** A question about a target; the seed is the model's. */
interface Asked {
  target: Target;
  seed: number;
  question: Pick<Question, 'system' | 'prompt' | 'schema' | 'maxTokens' | 'shown'>;
}

/** Asks a real model, reads and applies its answer as the product does, and judges it in the sandbox. */
export async function answer(
  { model, judge }: { model: Model; judge: Judge },
  { target, seed, question }: Asked,
): Promise<Omit<Answered, 'variant'>> {
  const { system, prompt, schema, maxTokens } = question;
  const given = await model.ask({ system, prompt, schema, maxTokens, seed });
  const read = await readAnswer(given.text, question.shown, (code, path) => parseSource(path, code));
  const known = { target: target.name, seed, text: given.text };
  const counts = { readTokens: given.promptTokens, writtenTokens: given.answerTokens };
  if (!read.ok) return { ...known, ...counts, isRead: false, stage: 'applied', gain: null };
  return { ...known, ...counts, isRead: true, ...(await apply(judge, target, read.value.edits)) };
}

async function apply(judge: Judge, target: Target, edits: Parameters<typeof applyEdits>[0]): Promise<Judged> {
  const content = readFileSync(join(target.directory, target.file), 'utf8');
  const edited = await applyEdits(edits, {
    isEditable: (path) => path === target.file,
    protection: () => null,
    read: (path) => Promise.resolve({ content: path === target.file ? content : null }),
  });
  const changed = edited.ok ? edited.files.get(target.file) : undefined;
  return changed === undefined ? { stage: 'refused', gain: null } : judge.judge(target, changed);
}
