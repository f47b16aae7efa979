import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parse } from 'jsonc-parser';
import { describe, expect, it, vi } from 'vitest';
import { matchesGlob } from '../../adapters/glob.ts';
import { chanceOf, featuresOf, simulatedShare } from '../../bench/prompt/simulated.ts';
import { whyNever } from '../../domain/adoption/editable.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { policyOf } from '../../domain/config/plan.ts';
import words from '../../domain/proposal/wording.json' with { type: 'json' };
import { protectedFilesOf } from '../../domain/protection/protected-files.ts';
import { applyRule, createCoin, loopFalseCommitRate, maxPairs, type Pair } from '../../domain/verdict/decision.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const parsed = parseLoopConfig({
  ...(parse(readFileSync(new URL('../../examples/prompt/loop.json', import.meta.url), 'utf8')) as object),
  repository: '/somewhere',
});
if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
const config = parsed.value;
const policy = policyOf({ config, alpha: loopFalseCommitRate(config.falseCommitRate, config.iterations) });

/** Words of today, fixed here, so that better ones in the product do not change what is known of these. */
const plain: typeof words = {
  ...words,
  ideas: {
    bold: 'Make it much faster for large inputs: use a better algorithm or a better data structure.',
    safe: 'Make one small, safe change that makes it faster.',
    fresh: 'Write it from scratch, with the fastest algorithm that you know for large inputs.',
  },
  keep: 'It must give exactly the same results for every input, errors included. Keep its name, parameters and exports.',
};
/** Says no more in more words, which the simulated model likes less. */
const longer: typeof words = {
  ...plain,
  keep: `${plain.keep} Before you write anything, please take your time and think about each of the ways that could come to your mind, weigh them against one another with great care, choose the one that seems best to you in the end, and then go through the whole of it once more, line by line, as a careful person would do.`,
};
/** Says the same in as many words. */
const reworded: typeof words = {
  ...plain,
  ideas: {
    ...plain.ideas,
    bold: 'For large inputs make it much faster: use a better data structure or a better algorithm.',
    fresh: 'From scratch write it, for large inputs with the fastest algorithm that you know.',
  },
};

/** The bench's own questions by other words; a run is the chance of each of its answers to be usable. */
async function benchWith(wording: typeof words) {
  vi.resetModules();
  vi.doMock('../../domain/proposal/wording.json', () => ({ default: wording }));
  const { allQuestions, drawQuestions } = await import('../../bench/prompt/questions.ts');
  const all = await allQuestions();
  vi.doUnmock('../../domain/proposal/wording.json');
  const features = all.map(featuresOf);
  const chances = new Map(all.map((one, at) => [one, chanceOf(features[at]!)]));
  const run = (seed: number) => drawQuestions(all, createCoin(seed), answers).map((one) => chances.get(one)!);
  return { prompts: all.map(({ question }) => question.prompt), features, run, share: mean([...chances.values()]) };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Share of decisions that accept the second side, on pairs of simulated runs with one seed for both sides. */
function accepted([champion, candidate]: readonly Run[], alpha: number): number {
  const random = createCoin(18);
  const share = (run: Run, seed: number) => simulatedShare(run(seed), random);
  const decisions = Array.from({ length: decided }, () => {
    const seeds = Array.from({ length: maxPairs }, () => Math.floor(random() * 2 ** 32));
    const pairs = seeds.map((seed): Pair => [share(champion!, seed), share(candidate!, seed)]);
    return applyRule(pairs, { ...policy, alpha }).verdict;
  });
  return decisions.filter((verdict) => verdict === 'accepted').length / decided;
}

type Run = (seed: number) => readonly number[];
const [answers, decided] = [96, 500];
/** A share that a rate of `alpha` exceeds once in a thousand times. */
const most = (alpha: number) => alpha + 3.1 * Math.sqrt((alpha * (1 - alpha)) / decided) + 1 / decided;

describe('the loop on the words of a question', () => {
  it('may change the data files of the words and nothing else, and nothing adopts them', async () => {
    const files = (await execa('git', ['ls-files'], { cwd: root })).stdout.split('\n');
    const { isEditable } = protectedFilesOf(config, { matches: matchesGlob });
    const editable = files.filter(isEditable);
    expect(editable).toEqual(['domain/proposal/patterns.json', 'domain/proposal/wording.json']);
    // A person merges them: adoption takes neither.
    for (const path of editable) expect(whyNever(path, matchesGlob)).toMatch(/a person alone changes it/);
  });

  it('has a share of 30 answers or more as its metric, which no clock is asked about', () => {
    expect(config.benchmark).toMatchObject({ better: 'higher', clock: 'none', noise: 'measured', unit: 'share' });
    expect(config.benchmark.command).toContain(`--answers ${answers}`);
  });
});

describe('the commands of the prompt bench', () => {
  const ask = async (...flags: string[]) =>
    execa(process.execPath, ['--import', 'tsx', 'bench/prompt/ask.ts', ...flags], {
      cwd: root,
      env: { BENCH_SEED: '7' },
    });
  const read = async (input: string) =>
    (await execa(process.execPath, ['--import', 'tsx', 'bench/prompt/read.ts'], { cwd: root, input })).stdout;

  it('print one metric, and what was asked', async () => {
    const { stdout } = await ask('--answers', '400');
    const [one, again] = [await read(stdout), await read(stdout)];
    expect(one).toMatch(/^METRIC usable=0\.[0-9]{4}\nCHECK [0-9a-f]{16}$/);
    expect(one.split('\n')[1]).toBe(again.split('\n')[1]);
  });

  it('refuse fewer than 30 answers', async () => {
    await expect(ask('--answers', '29')).rejects.toThrow('give a whole number of 30 or more');
    await expect(read('[]')).rejects.toThrow('0 questions; give 30 or more');
  });
});

describe('the prompt bench', async () => {
  const [better, worse, equal] = [await benchWith(plain), await benchWith(longer), await benchWith(reworded)];

  it('asks by the words of the data file', () => {
    expect(worse.prompts[0]).toContain(longer.keep);
    expect(better.prompts[0]).not.toContain(longer.keep);
    expect(equal.prompts).not.toEqual(better.prompts);
  });

  it('tells better words apart, and takes no worse ones', () => {
    expect(better.share / worse.share).toBeCloseTo(1.23, 2);
    expect(accepted([worse.run, better.run], policy.alpha)).toBeGreaterThan(0.9);
    expect(accepted([better.run, worse.run], policy.alpha)).toBe(0);
  });

  it.each([policy.alpha, 0.05])('accepts equal words with a chance of at most %f', (alpha) => {
    expect(equal.share).toBeCloseTo(better.share, 12);
    expect(accepted([better.run, equal.run], alpha)).toBeLessThanOrEqual(most(alpha));
  });

  it('does so too where the same share lies on half of the tasks', () => {
    const [even, uneven] = [0.5, (at: number) => [0.9, 0.1][at % 2]!];
    const runs: Run[] = [
      () => Array(answers).fill(even) as number[],
      () => Array.from({ length: answers }, (_, at) => uneven(at)),
    ];
    for (const sides of [runs, [...runs].reverse()]) expect(accepted(sides, 0.05)).toBeLessThanOrEqual(most(0.05));
  });

  it('reads the features that the simulated model heeds from the text, and gives each its weight', async () => {
    const { keep, answer } = {
      keep: 'Keep its name.',
      answer: { ...plain.answer, function: 'Write {name}.', file: 'Write it.' },
    };
    const bare = await benchWith({ ...plain, keep, answer });
    for (const { asksForFence, keepsResults } of better.features)
      expect([asksForFence, keepsResults]).toEqual([true, true]);
    for (const { asksForFence, keepsResults } of bare.features)
      expect([asksForFence, keepsResults]).toEqual([false, false]);
    // Every third question shows no body, where a comment tells enough.
    for (const { features } of [better, bare]) expect(features.filter(({ showsBody }) => !showsBody).length).toBe(8);
    const all = { asksForFence: true, showsBody: true, keepsResults: true, words: 200 };
    for (const less of [{ asksForFence: false }, { showsBody: false }, { keepsResults: false }, { words: 300 }])
      expect(chanceOf({ ...all, ...less })).toBeLessThan(0.8 * chanceOf(all));
  });
});
