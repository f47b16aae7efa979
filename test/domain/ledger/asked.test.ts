import { expect, it } from 'vitest';
import { parseAsked, toAsked, type AskedQuestion } from '../../../domain/ledger/asked.ts';

const question: AskedQuestion<string> = {
  attempt: 0,
  sample: 0,
  isAgain: false,
  system: 'You write code.',
  prompt: 'Make it faster:\n\tsum(items)',
  answer: 'Title: \u001b[31mSum\u001b[0m once\n```js\n…\n```',
  problem: null,
  tokens: 12,
};

it('Where nobody was asked, nothing is kept.', () => {
  expect(toAsked([])).toBeNull();
});

it('Prompt and answer are kept as they came, without what a terminal would obey.', () => {
  const asked = toAsked([question, { ...question, attempt: 1, system: null, problem: 'answer: was\u0007 cut' }]);
  expect(asked).toEqual({
    version: 1,
    leftOut: 0,
    questions: [
      { ...question, answer: 'Title: Sum once\n```js\n…\n```' },
      { ...question, attempt: 1, system: null, answer: 'Title: Sum once\n```js\n…\n```', problem: 'answer: was cut' },
    ],
  });
  expect(parseAsked(JSON.stringify(asked))).toEqual(asked);
});

it('Each text is bounded, and so are all of an iteration: later questions are counted.', () => {
  const long = 'x'.repeat(100_000);
  const asked = toAsked(
    Array.from({ length: 5 }, (_, sample) => ({ ...question, sample, prompt: long, answer: long })),
  );
  expect(asked?.questions.map(({ sample }) => sample)).toEqual([0]);
  expect(asked?.leftOut).toBe(4);
  expect(asked?.questions[0]?.prompt).toHaveLength(64_000);
  expect(JSON.stringify(asked).length).toBeLessThan(256_000);
});

it('What somebody wrote in its place is cleaned too, or is none.', () => {
  const forged = { version: 1, questions: [{ ...question, prompt: 'a\u001b]0;title\u0007b' }], leftOut: 0 };
  expect(parseAsked(JSON.stringify(forged))?.questions[0]?.prompt).toBe('ab');
  for (const text of ['', '[]', '{"questions": 3}', '{"questions": [{}]}']) expect(parseAsked(text)).toBeNull();
});
