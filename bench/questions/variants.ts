import type { Brief } from '../../domain/proposal/brief.ts';
import { patternsFor } from '../../domain/proposal/patterns.ts';
import type { Question } from '../../domain/proposal/prompt.ts';
import type { Variant } from './ask.ts';

const ideas = ['fresh', 'bold', 'safe'];
/** By its seed a brief has one idea in all iterations. */
const only =
  (idea: string) =>
  (brief: Brief): Brief => ({ ...brief, seed: ideas.indexOf(idea) });

/** The brief of code without a comment, so that its body is shown. */
const undocumented = (brief: Brief): Brief => ({ ...brief, hot: brief.hot.map((code) => ({ ...code, head: null })) });

/** The plain form that the product's questions are compared with. */
function plainFile({ hot: [code], files }: Brief, question: Question): Question {
  const [file] = files;
  const prompt = `File ${file!.path}:\n\`\`\`${code!.language!.toLowerCase()}\n${file!.content}\`\`\`\n\nMake ${code!.name!} much faster: use a better algorithm. It must return the same for every input. Answer with the whole new file in a fence.`;
  const shown = { ...question.shown, target: { file: file!.path, function: null } };
  return { ...question, system: 'You improve the performance of a program.', prompt, shown, maxTokens: 700 };
}

function withPattern({ hot: [code] }: Brief, question: Question): Question {
  const [pattern] = patternsFor(code!.code, code!.language!);
  const told = pattern ? `A known way that may fit: ${pattern.advice}\n` : '';
  return { ...question, prompt: question.prompt.replace('Answer in this form', `${told}Answer in this form`) };
}

export const variants: readonly Variant[] = [
  { name: 'product' },
  { name: 'file', question: plainFile },
  ...ideas.map((name) => ({ name, brief: only(name) })),
  { name: 'always-body', brief: undocumented },
  { name: 'bold+pattern', brief: only('bold'), question: withPattern },
  {
    name: 'no-benchmark',
    brief: (brief) => ({ ...brief, hot: brief.hot.map((code) => ({ ...code, benchmark: [] })) }),
  },
];
