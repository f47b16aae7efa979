import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSource } from '../../adapters/parsers/parse.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { toBrief, type Brief } from '../../domain/proposal/brief.ts';
import type { Form } from '../../domain/proposal/form.ts';
import { toQuestion, type Question } from '../../domain/proposal/prompt.ts';
import { runtimeBy } from '../../domain/source/runtime.ts';
import type { Target } from './targets.ts';

/** A change of the product's brief or question, to be measured against it. */
export interface Variant {
  name: string;
  brief?: (brief: Brief) => Brief;
  question?: (brief: Brief, question: Question) => Question;
}

interface QuestionOptions {
  /** Default: the product's own. */
  variant?: Variant;
  /** Default: the one for small models. */
  form?: Form;
}

/** The product's own question about a target, as an iteration of this seed would ask it. */
export async function questionFor(
  target: Target,
  seed: number,
  { variant, form = 'rewrite' }: QuestionOptions = {},
): Promise<Question> {
  const read = (path: string) => readFileSync(join(target.directory, path), 'utf8');
  const content = read(target.file);
  const parsed = await parseSource(target.file, content);
  const config = parseLoopConfig({
    repository: target.directory,
    editable: [target.file],
    test: target.test,
    benchmark: { command: target.benchmark, metric: { pattern: '^METRIC ms=([0-9.]+)$' }, unit: 'ms' },
    iterations: 10,
  });
  if (!config.ok) throw new Error(config.problems.join('; '));
  const made = toBrief({
    loopId: 'questions',
    config: config.value,
    policy: { minImprovement: 0.05, better: 'lower' },
    input: inputFor(target, seed),
    records: [],
    sources: [{ path: target.file, content, parsed }],
    benchmark: [{ path: target.benchmarkFile, content: read(target.benchmarkFile) }],
    runtime: runtimeBy(new Map(), new Map()),
    log: '',
  });
  const terms = { contextTokens: 4096, form, speed: null };
  const brief = variant?.brief?.(made) ?? made;
  const question = toQuestion(brief, terms);
  if (!question.ok) throw new Error(question.problems.join('; '));
  return variant?.question?.(brief, question.value) ?? question.value;
}

function inputFor(target: Target, seed: number) {
  const spot = { file: target.file, name: target.hot, line: null, share: 0.97 };
  return {
    ...{ loopId: 'questions', repository: target.directory, champion: 'base', startedAt: '2026-01-01T00:00:00Z' },
    ...{ iteration: seed, hotspots: [spot], metric: 100, attempt: 0, previous: null },
  };
}
