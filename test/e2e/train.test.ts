import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parse } from 'jsonc-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoopConfigInput } from '../../domain/config/loop-config.ts';
import { parseRecord, type IterationRecord } from '../../domain/ledger/record.ts';
import { findChoices, toHypothesis } from '../../domain/proposal/choices.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import { toLine } from '../../domain/text.ts';
import { createRepository, type TestRepository } from '../support/repository/repository.ts';
import { scriptedSource } from '../support/repository/target.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { startWorkerProcess } from '../support/server/worker-process.ts';
import { useWorkbench } from '../support/workbench.ts';

const example = fileURLToPath(new URL('../../examples/train', import.meta.url));
const learner = 'src/learner.mjs';
const source = readFileSync(join(example, learner), 'utf8');

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'train-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('the training', () => {
  it('gives the same model for the same seed to the last bit, and another one for another', async () => {
    const [one, again, other] = await Promise.all([train(example, 1), train(example, 1), train(example, 2)]);
    expect(one.exitCode).toBe(0);
    expect(again.stdout).toBe(one.stdout);
    expect(other.stdout).not.toBe(one.stdout);
    const [first, second] = [await judge(one.stdout), await judge(again.stdout)];
    expect(second).toBe(first);
    expect(lossOf(first)).toBeLessThan(Math.log(61));
  });

  it('passes the tests of the judge and of the learner', async () => {
    const tests = ['test/judge.test.mjs', 'test/learner.test.mjs'];
    const { exitCode, stdout } = await execa('node', ['--test', ...tests], { cwd: example, reject: false });
    expect(exitCode, stdout).toBe(0);
  });

  it.each([
    ['read what the model is judged by', "readFileSync('judge/validation.txt')", 'FileSystemRead'],
    ['read it through another process', "execFileSync('cat', ['judge/validation.txt'])", 'ChildProcess'],
    ['write into the tree', "writeFileSync('left', 'x')", 'FileSystemWrite'],
  ])('cannot %s', async (_, call, permission) => {
    const { exitCode, stderr } = await train(await candidate(peekingText(call)), 1);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(new RegExp(`ERR_ACCESS_DENIED[^]*${permission}`));
  });
});

describeWithServer('a loop on the training example', () => {
  const bench = useWorkbench();
  let repository: TestRepository | undefined;
  afterAll(() => repository?.remove());

  it('commits what learns better, and neither what peeks nor what prints a loss of its own', async () => {
    repository = await createRepository({});
    await cp(example, repository.path, { recursive: true });
    await repository.commit({}, 'Train');
    const lies = "process.stdout.write('METRIC loss=0.1\\n')";
    const answers = [set('RATE', 0.3), peeking("readFileSync('judge/validation.txt')"), peeking(lies)];
    await mkdir(bench.data.path, { recursive: true });
    const { command } = scriptedSource(bench.data.path, answers);
    const settings = { repositories: [repository.path], commandSources: { script: { command } } };
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, settings);
    await bench.server.client.workflow.execute('karpathyLoop', {
      workflowId: 'train',
      taskQueue: bench.worker.queue,
      args: [await configOf(repository.path, answers.length)],
    });
    const read = async (n: number): Promise<IterationRecord> =>
      parseRecord(await repository!.git('show', `refs/karpathy-loop/train/ledger:records/0/${n}.json`));
    const [better, ...cheats] = [await read(1), await read(2), await read(3)];
    expect(better).toMatchObject({ outcome: 'committed', reason: null });
    expect(better.verdict!.reported.ratio).toBeLessThan(0.9);
    for (const cheat of cheats) expect(cheat).toMatchObject({ outcome: 'rolledBack', reason: 'benchmark-failed' });
    expect(await repository.git('show', `karpathy-loop/train:${learner}`)).toContain('const RATE = 0.3;');
  });
});

async function configOf(repository: string, iterations: number): Promise<LoopConfigInput> {
  const config = parse(await readFile(join(example, 'loop.json'), 'utf8')) as LoopConfigInput;
  return { ...config, repository, iterations, hypothesis: { source: 'command', command: 'script' } };
}

async function train(directory: string, seed: number) {
  const env = { BENCH_SEED: String(seed), TMPDIR: await mkdtemp(join(scratch, 'run-')) };
  return execa('sh', ['train.sh'], { cwd: directory, env, reject: false, maxBuffer: 2 ** 22 });
}

async function judge(input: string): Promise<string> {
  return (await execa('node', ['judge/evaluate.mjs'], { cwd: example, input })).stdout;
}

function lossOf(printed: string): number {
  return Number(/^METRIC loss=(.+)$/m.exec(printed)?.[1]);
}

function set(constant: string, value: number): Hypothesis {
  const choice = findChoices([{ path: learner, content: source }]).find((one) => one.constant === constant);
  return toHypothesis(choice!, value);
}

/** A learner that does something at its start, which the tests do not notice. */
function peekingText(call: string): string {
  const [head] = /^export function createLearner.*$/m.exec(source)!;
  const imports = `import { readFileSync, writeFileSync } from 'node:fs';\nimport { execFileSync } from 'node:child_process';\n`;
  return imports + source.replace(head, `${head}\n  if (text.length > 10_000) ${call};`);
}

function peeking(call: string): Hypothesis {
  return { title: toLine('Peek'), edits: [{ file: learner, content: peekingText(call) }] };
}

async function candidate(text: string): Promise<string> {
  const directory = await mkdtemp(join(scratch, 'candidate-'));
  await cp(example, directory, { recursive: true });
  await writeFile(join(directory, learner), text);
  return directory;
}
