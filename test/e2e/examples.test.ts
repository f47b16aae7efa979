import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChoices, toHypothesis } from '../../domain/proposal/choices.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { applyEdit } from '../../domain/proposal/edit.ts';
import { checkHypothesis, type Hypothesis } from '../../domain/proposal/hypothesis.ts';
import { toLine } from '../../domain/text.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const bundled = join(root, 'examples/bundled');
const levenshtein = join(root, 'examples/fast-levenshtein');

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'examples-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

describe('the bundled example', () => {
  it('has a loop.json that is complete but for the repository', async () => {
    expect(await readConfig(join(bundled, 'loop.json'))).toMatchObject({
      repository: '/somewhere',
      editable: ['src/**'],
      workspace: 'readonly',
      iterations: 10,
      minImprovement: 0.05,
    });
  });

  it('passes its tests and prints exactly one metric', async () => {
    await expect(test(bundled)).resolves.toBe('passed');
    expect(await benchmark(bundled)).toHaveLength(1);
  });

  it('has constants that can be set, each of them free to be set to many values', async () => {
    const choices = findChoices(await sources(bundled));
    expect(choices.map(({ constant, file }) => `${constant} ${file}`).sort()).toEqual([
      'BLOCK_SIZE src/rushhour.mjs',
      'BUCKETS src/counter.mjs',
      'RUN_LENGTH src/sort.mjs',
    ]);
    for (const { values } of choices) expect(values.length).toBeGreaterThan(15);
  });

  it.each([
    ['BLOCK_SIZE', 5],
    ['BUCKETS', 1],
    ['BUCKETS', 4096],
    ['RUN_LENGTH', 1],
    ['RUN_LENGTH', 200_000],
  ])('passes its tests with %s set to %i', async (constant, value) => {
    await expect(test(await candidate(bundled, await setTo(constant, value)))).resolves.toBe('passed');
  });

  it('fails its tests with a table whose size is no power of two', async () => {
    await expect(test(await candidate(bundled, await setTo('BUCKETS', 1000)))).resolves.toContain('power of two');
  });

  it.each([
    ['counts too much', 'src/counter.mjs', 'entry.count += 1', 'entry.count += 2'],
    ['takes keys of one chain as the same', 'src/counter.mjs', 'entry !== null && entry.key !== key', 'false'],
    ['leaves the order of equal counts open', 'src/rushhour.mjs', 'a.key < b.key ? -1 : a.key > b.key ? 1 : 0', '0'],
    ['drops the last line', 'src/rushhour.mjs', "if (rest !== '') yield rest", 'if (false) yield rest'],
    [
      'cuts characters at the ends of blocks',
      'src/rushhour.mjs',
      'decoder.write(log.subarray(start, start + BLOCK_SIZE))',
      "log.toString('utf8', start, start + BLOCK_SIZE)",
    ],
    ['forgets to merge', 'src/sort.mjs', 'width < from.length', 'width < 0'],
  ])('fails its tests when it %s', async (_, file, search, replace) => {
    await expect(
      test(await candidate(bundled, { title: toLine('Break it'), edits: [{ file, search, replace }] })),
    ).resolves.toContain('fail');
  });
});

describe('a random proposal', () => {
  const propose = (brief: object) => answer(join(root, 'bench/propose-randomly.mjs'), brief);

  it('sets one constant of the brief to one of its values, in the words of the loop', async () => {
    const choices = findChoices(await sources(bundled));
    const all = choices.flatMap((choice) => choice.values.map((value) => toHypothesis(choice, value)));
    const proposals = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((iteration) => propose({ seed: 7, iteration, choices })),
    );
    for (const proposal of proposals) expect(all).toContainEqual(proposal);
    expect(new Set(proposals.map(({ title }) => title)).size).toBeGreaterThan(1);
    expect(await propose({ seed: 7, iteration: 1, choices })).toEqual(proposals[0]);
    expect(
      (await Promise.all([8, 9, 10].map((seed) => propose({ seed, iteration: 1, choices })))).some(
        ({ title }) => title !== proposals[0]!.title,
      ),
    ).toBe(true);
  });

  it('says so when there is nothing to choose from', async () => {
    await expect(propose({ seed: 1, iteration: 1, choices: [] })).rejects.toThrow('brief: has no choices left');
  });
});

it('fast-levenshtein has a loop.json that is complete but for the repository, and two valid hypotheses', async () => {
  expect(await readConfig(join(levenshtein, 'added/loop.json'))).toMatchObject({
    editable: ['levenshtein.js'],
    workspace: 'readonly',
    provided: [],
  });
  for (const source of ['faster.mjs', 'rename.mjs'])
    expect((await answer(join(levenshtein, source), { version: 1 })).edits).toHaveLength(3);
});

// Never left out in CI; elsewhere only where npm's registry does not answer.
const reachable =
  process.env.CI !== undefined ||
  (await run('npm', ['view', 'fast-levenshtein@2.0.6', 'version']).then(
    () => true,
    () => false,
  ));

describe.skipIf(!reachable)('the fetched fast-levenshtein', () => {
  let repository: string;
  beforeAll(async () => {
    repository = join(scratch, 'fast-levenshtein');
    const { stdout } = await run('node', [join(levenshtein, 'fetch.mjs'), repository]);
    expect(stdout).toBe(`${repository}\n`);
  });

  it('is fetched as a git repository of one commit that is the same everywhere', async () => {
    const git = async (...words: string[]) => (await run('git', ['-C', repository, ...words])).stdout.trim();
    expect(await git('status', '--porcelain')).toBe('');
    expect(await git('rev-list', '--count', '--all')).toBe('1');
    expect((await git('ls-files')).split('\n')).toEqual([
      'LICENSE.md',
      'README.md',
      'bench.mjs',
      'levenshtein.js',
      'loop.json',
      'package.json',
      'test/levenshtein.test.mjs',
    ]);
    const again = join(scratch, 'again');
    await run('node', [join(levenshtein, 'fetch.mjs'), again]);
    expect((await run('git', ['-C', again, 'rev-parse', 'HEAD'])).stdout.trim()).toBe(await git('rev-parse', 'HEAD'));
  });

  it('is left as it is when it is fetched again, and never written over something else', async () => {
    await expect(run('node', [join(levenshtein, 'fetch.mjs'), repository])).resolves.toMatchObject({
      stdout: `${repository}\n`,
    });
    await writeFile(join(scratch, 'mine.txt'), 'mine');
    await expect(run('node', [join(levenshtein, 'fetch.mjs'), scratch])).rejects.toThrow(
      'is not empty; name another directory',
    );
    expect(await readFile(join(scratch, 'mine.txt'), 'utf8')).toBe('mine');
  });

  it('passes its tests and prints exactly one metric', async () => {
    await expect(test(repository)).resolves.toBe('passed');
    expect(await benchmark(repository)).toHaveLength(1);
  });

  it.each(['faster.mjs', 'rename.mjs'])('still passes its tests with the hypothesis of %s', async (source) => {
    const hypothesis = await answer(join(levenshtein, source), { version: 1 });
    const changed = await candidate(repository, hypothesis);
    expect(await readFile(join(changed, 'levenshtein.js'), 'utf8')).not.toBe(
      await readFile(join(repository, 'levenshtein.js'), 'utf8'),
    );
    await expect(test(changed)).resolves.toBe('passed');
  });

  it.each([
    ['takes all characters as equal', 'strCmp = str1.charCodeAt(i) === str2Char[j]', 'strCmp = true'],
    [
      'looks at one byte of a character',
      'strCmp = str1.charCodeAt(i) === str2Char[j]',
      'strCmp = (str1.charCodeAt(i) & 255) === (str2Char[j] & 255)',
    ],
    ['ignores the collator', '(options && collator && options.useCollator)', 'false'],
    ['always uses the collator', '(options && collator && options.useCollator)', 'collator'],
  ])('fails its tests when it %s', async (_, search, replace) => {
    await expect(
      test(
        await candidate(repository, {
          title: toLine('Break it'),
          edits: [{ file: 'levenshtein.js', search, replace }],
        }),
      ),
    ).resolves.toContain('fail');
  });
});

async function readConfig(file: string): Promise<LoopConfig> {
  const parsed = parseLoopConfig({ ...(JSON.parse(await readFile(file, 'utf8')) as object), repository: '/somewhere' });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.value;
}

async function sources(directory: string): Promise<{ path: string; content: string }[]> {
  const names = (await readdir(join(directory, 'src'))).sort();
  return Promise.all(
    names.map(async (name) => ({ path: `src/${name}`, content: await readFile(join(directory, 'src', name), 'utf8') })),
  );
}

async function setTo(constant: string, value: number): Promise<Hypothesis> {
  return toHypothesis(
    findChoices(await sources(bundled)).find((choice) => choice.constant === constant)!,
    value,
  );
}

/** The tests as loop.json has them: "passed", or what they printed. */
async function test(directory: string): Promise<string> {
  const config = await readConfig(join(directory, 'loop.json'));
  return shell(config.test, directory).then(
    () => 'passed',
    (error: unknown) => `failed: ${(error as { stdout?: string }).stdout}`,
  );
}

/** Every metric that one run of the benchmark prints. */
async function benchmark(directory: string): Promise<number[]> {
  const { benchmark: settings } = await readConfig(join(directory, 'loop.json'));
  const { stdout } = await shell(settings.command, directory);
  const { pattern } = settings.metric as { pattern: string };
  const metrics = [...stdout.matchAll(new RegExp(pattern, 'gm'))].map(([, number]) => Number(number));
  for (const metric of metrics) expect(metric).toBeGreaterThan(0);
  return metrics;
}

/** Vitest's variables would make `node --test` believe that it is run by another test runner. */
function shell(command: string, cwd: string) {
  return run('sh', ['-c', command], { cwd, env: { PATH: process.env.PATH } });
}

async function candidate(directory: string, hypothesis: Hypothesis): Promise<string> {
  const copy = join(await mkdtemp(join(scratch, 'candidate-')), 'tree');
  await cp(directory, copy, { recursive: true });
  for (const edit of hypothesis.edits) {
    const edited = applyEdit(await readFile(join(copy, edit.file), 'utf8'), edit);
    if ('problem' in edited) throw new Error(edited.problem);
    await writeFile(join(copy, edit.file), edited.content);
  }
  return copy;
}

async function answer(source: string, brief: object): Promise<Hypothesis> {
  const asked = run('node', [source]);
  asked.child.stdin!.on('error', () => {}); // A source that does not read its brief may be gone before it is written.
  asked.child.stdin!.end(JSON.stringify(brief));
  const parsed = checkHypothesis(JSON.parse((await asked).stdout));
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.value;
}
