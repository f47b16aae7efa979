/**
 * Feeds hostile texts to every reader of what programs and proposals wrote, and compares the time for a text with the
 * time for one four times as long. What is linear takes about four times as long, a square 16 times.
 *
 *     npx tsx bench/readers.ts [singles | pairs] [length]
 */
import { runInNewContext } from 'node:vm';
import { applyEdits } from '../domain/proposal/edit.ts';
import { findChoices } from '../domain/proposal/choices.ts';
import { readAnswer } from '../domain/proposal/answers/read-answer.ts';
import { failedTests } from '../domain/protection/test-names.ts';
import { withoutChosenText } from '../domain/protection/held-out.ts';
import { namedFiles } from '../domain/protection/readers/named-files.ts';
import { countTests } from '../domain/protection/test-count.ts';
import { fenced, tail, toBlock, toJsonLine, toLine } from '../domain/text.ts';
import { outputShape } from '../domain/verdict/integrity/output-shape.ts';
import { readMetric, readText } from '../domain/verdict/metric.ts';

type Reader = (text: string) => unknown;

const target = { protection: () => null, exists: () => Promise.resolve(false) };
const file = (content: string) => [{ path: 'a.js', content }];
const shown = { form: 'rewrite' as const, files: file('let x = 1;\n'), target: { file: 'a.js', function: null } };

const readers: Record<string, Reader> = {
  toLine,
  toBlock: (text) => toBlock(text, text.length),
  toJsonLine: (text) => toJsonLine({ text }),
  tail,
  fenced,
  withoutChosenText,
  outputShape,
  countTests: (text) => countTests(text),
  failedTests,
  'metric by pattern': (text) => readMetric(text, { pattern: '^METRIC ms=([0-9.]+)$' }),
  'metric by pattern, found': (text) => readMetric(`x 1\n${text}`, { pattern: '^x ([0-9]+)$' }),
  'metric in the line': (text) => readMetric(`${text.replaceAll('\n', ' ')} x=1 ms`, { pattern: ' x=(.*)$' }),
  'metric before the line': (text) => readMetric(`x=1${text.replaceAll('\n', ' ')}`, { pattern: '^x=([0-9]+)' }),
  'metric by a group of all': (text) => readMetric(`x=${text}`, { pattern: '^x=(.*)$' }),
  'metric by pointer': (text) => readMetric(text, { pointer: '/ms' }),
  'metric by pointer, found': (text) => readMetric(`{"ms": 1}\n${text}`, { pointer: '/ms' }),
  'metric in a document': (text) => readMetric(JSON.stringify({ ms: text }), { pointer: '/ms' }),
  'output by pattern': (text) => readText(text, { pattern: '^CHECK (.+)$' }),
  'output by pointer': (text) => readText(text, { pointer: '/a/b' }),
  findChoices: (text) => findChoices(file(text)),
  'findChoices, as a value': (text) => findChoices(file(`A = ${text}`)),
  'an edit': (text) =>
    applyEdits([{ file: 'a.js', search: 'x', replace: 'y' }], {
      ...target,
      isEditable: () => true,
      read: () => Promise.resolve({ content: text }),
    }),
  namedFiles: (text) => namedFiles([{ path: 'a', text }], ['b.txt']),
};
const asynchronous: Record<string, (text: string) => Promise<unknown>> = {
  'an answer': (text) => readAnswer(text.slice(0, 1_000_000), shown, () => Promise.resolve(null)),
  'an answer in a fence': (text) =>
    readAnswer(`\`\`\`js\n${text.slice(0, 900_000)}\n\`\`\``, shown, () => Promise.resolve(null)),
};

/** Characters of the shorter text. */
const length = Number(process.argv[3] ?? 16_384);
/** Ms of processor time below which nothing is told by a ratio, and the ratio from which on a reader is not linear. */
const [leastMs, squareFrom, limitMs] = [30, 8, 10_000];
const all = tokens();
const parts = process.argv[2] === 'pairs' ? pairsOf(all) : [...all, ...pairsOf(all.slice(0, 12))];

for (const [name, read] of Object.entries({ ...readers, ...asynchronous })) {
  const found: { part: string; ratio: number }[] = [];
  let most = 0;
  for (const part of parts) {
    const long = await time(read, part, 4 * length);
    most = Math.max(most, long);
    if (long < leastMs) continue;
    const ratio = long / (await time(read, part, length));
    if (ratio >= squareFrom) found.push({ part, ratio });
  }
  found.sort((a, b) => b.ratio - a.ratio);
  const told = found.slice(0, 6).map(({ part, ratio }) => `${JSON.stringify(part)} x${ratio.toFixed(0)}`);
  console.log(`${name.padEnd(28)} ${most.toFixed(0).padStart(6)} ms  ${told.join(', ')}`);
}

/** Takes the least of a few runs, by processor time, which a busy machine hardly changes. */
async function time(read: (text: string) => unknown, part: string, length: number): Promise<number> {
  const text = part.repeat(Math.ceil(length / part.length)).slice(0, length);
  let least = Infinity;
  for (let run = 0; run < 3 && (run === 0 || least > leastMs / 4); run++) {
    const began = process.cpuUsage();
    try {
      await (runInNewContext('read(text)', { read, text }, { timeout: limitMs }) as Promise<unknown>);
    } catch {
      return limitMs;
    }
    const { user, system } = process.cpuUsage(began);
    least = Math.min(least, (user + system) / 1000);
    if (least > 500) break;
  }
  return least;
}

function tokens(): string[] {
  const characters = [
    ...Array.from(' \t\n\rabzAZ_09.,;:=+-*/\\|(){}[]<>"\'`#$%&@!?~^'),
    '\u001b',
    '\u009b',
    '\u00e9',
    '\ud800',
    '✔',
    '●',
    'ℹ',
  ];
  const words = [
    '\u001b[',
    '\u001b]',
    '\u001bP',
    '\r\n',
    '\n ',
    ' \n',
    '/*',
    '//',
    "'''",
    '"""',
    '# ',
    '1..',
    'ok 1 ',
    'not ok ',
    '# pass ',
    'ok\t',
    '{"',
    '{"a":',
    '[[',
    '[{',
    '"a":1,',
    'import {',
    'import a ',
    'from a import (',
    'from a ',
    'URL(',
    'URL( ',
    'process.',
    'process . ',
    'exit ',
    'defineProperty ( ',
    '{ a } = ',
    '{',
    'globalThis . ',
    'Date.a ',
    'const ',
    'export ',
    'public static ',
    'const A : ',
    'A = ',
    '1_',
    '1 ms ',
    '± 1 ',
    '1,',
    '1.',
    '1e',
    '/ s',
    ' per ',
    '| ',
    '[ms] ',
    '(in ms',
    'Tests: ',
    'FAIL ',
    '1) ',
    '  1) a\n',
    'a > ',
    'a::b',
    'a.py::',
    '<<< ',
    '... ',
    '\\u{',
    '%41',
    "','",
    '"+"',
    '?',
    '</',
    'Failures:\n',
    'Ran 1 tests in 1s\n',
    '1 passed, ',
    '=== ',
    '____ ',
    'def ',
    'import ',
    '.\n',
    '- ',
  ];
  return [...characters, ...words];
}

function pairsOf(all: readonly string[]): string[] {
  return all.flatMap((one) => all.filter((other) => other !== one).map((other) => one + other));
}
