import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Brief } from '../../domain/proposal/brief.ts';
import { toQuestion } from '../../domain/proposal/prompt.ts';
import { runGit, withoutLoopRefs } from '../support/repository/repository.ts';
import type { Attempt, CorpusLoop } from './loop.ts';
import { contents } from './secrets.ts';
import type { World } from './world.ts';

/** Most memory of the worker: it holds a few outputs of at most 64 KiB. */
const workerMiB = 1_024;
/** Far above all limits of an iteration together: only a hang takes so long. */
const longestSeconds = 280;
/** Bound on the end of all that a run started. */
const graceMs = 10_000;

/** Holds after every iteration, whatever was proposed; seen from outside of the loop. */
export async function checkInvariants(
  world: World,
  loop: CorpusLoop,
  { iteration, record, seconds }: Attempt,
): Promise<void> {
  expect(world.decoys.reached(), 'decoys reached').toEqual([]);
  expect(await leftProcesses(world), 'processes left').toEqual([]);
  expect(world.worker.process.exitCode ?? world.worker.process.signalCode, 'end of the worker').toBeNull();
  expect(memoryMiB(world.worker.process.pid!), 'memory of the worker in MiB').toBeLessThan(workerMiB);
  expect(seconds, 'seconds of the iteration').toBeLessThan(longestSeconds);
  await checkRepository(loop);
  const texts = await textsOf(world, loop, iteration);
  for (const [where, text] of texts) expect(world.secrets.in(text), `secrets in ${where}`).toEqual([]);
  checkClean('the record', record);
  checkBriefs(world, loop, iteration);
  if (record.candidate?.commit) await checkMessage(loop, record.candidate.commit);
}

/** At the end of all: everything that was written anywhere, and every object of the ledgers. */
export async function checkAllOutputs(world: World, loops: readonly CorpusLoop[]): Promise<void> {
  for (const [path, content] of contents(world.dataDirectory, (path) => path === world.plantedFile))
    expect(world.secrets.in(content), `secrets in ${path}`).toEqual([]);
  expect(world.secrets.in(world.said()), 'secrets in the output of the worker').toEqual([]);
  for (const { id, target } of loops) {
    const objects = await runGit(
      target.path,
      'rev-list',
      '--objects',
      '--no-object-names',
      '--glob=refs/karpathy-loop',
      '--glob=refs/heads/karpathy-loop',
    );
    for (const sha of objects.split('\n'))
      expect(world.secrets.in(await runGit(target.path, 'cat-file', '-p', sha)), `secrets in ${id} ${sha}`).toEqual([]);
    expect(world.secrets.in(await historyOf(world, id)), `secrets in the history of ${id}`).toEqual([]);
  }
}

/** Only the refs of this loop may be new; the tree, index, HEAD, config and hooks are as they were. */
async function checkRepository({ id, target, before, hooksRan }: CorpusLoop): Promise<void> {
  const after = await target.snapshot();
  expect(withoutLoopRefs(after, `karpathy-loop/${id}`)).toEqual(before);
  const added = Object.keys(after.refs).filter((name) => !(name in before.refs));
  const allowed = [`refs/karpathy-loop/${id}/ledger`, `refs/heads/karpathy-loop/${id}`];
  expect(
    added.filter((name) => !allowed.includes(name)),
    'other refs',
  ).toEqual([]);
  expect(await hooksRan(), 'hooks that ran').toEqual([]);
}

/** While the loop waits the worker has nothing to do, so that it has no child at all. */
async function leftProcesses(world: World): Promise<string[]> {
  const until = performance.now() + graceMs;
  for (;;) {
    const left = world.leftProcesses();
    if (left.length === 0 || performance.now() > until) return left;
    await sleep(50);
  }
}

async function textsOf(
  world: World,
  loop: CorpusLoop,
  iteration: number,
): Promise<[where: string, text: string | Buffer][]> {
  const shard = `records/${Math.floor(iteration / 100)}/${iteration}`;
  const ledger = ['.json', '.diff', '.evidence.json'].map(
    async (end) => [`the ledger's ${end}`, (await loop.ledgerFile(shard + end)) ?? ''] as [string, string],
  );
  return [
    ...(await Promise.all(ledger)),
    [`history`, await historyOf(world, `${loop.id}/iter-${iteration}`)],
    ...contents(iterationDirectory(world, loop, iteration)),
    ['worker.log', readFileSync(join(world.dataDirectory, 'worker.log'))],
  ];
}

function iterationDirectory({ dataDirectory }: World, { id }: CorpusLoop, iteration: number): string {
  return join(dataDirectory, 'loops', id, 'iterations', String(iteration));
}

/** Every string and every payload of a workflow's history. */
async function historyOf({ server }: World, workflowId: string): Promise<string> {
  const parts: string[] = [];
  const visit = (value: unknown): void => {
    if (value instanceof Uint8Array) parts.push(Buffer.from(value).toString());
    else if (typeof value === 'string') parts.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(await server.client.workflow.getHandle(workflowId).fetchHistory());
  return parts.join('\n');
}

/** Checks the brief of the proposer: clean text, and a prompt in which the loop alone closes fences. */
function checkBriefs(world: World, loop: CorpusLoop, iteration: number): void {
  const directory = iterationDirectory(world, loop, iteration);
  for (const name of readdirSync(directory).filter((one) => one.startsWith('brief-'))) {
    const brief = JSON.parse(readFileSync(join(directory, name), 'utf8')) as Brief;
    checkClean(name, {
      ...brief,
      files: [],
      hot: [],
      previous: brief.previous && { ...brief.previous, hypothesis: null },
    });
    const asked = toQuestion(brief, { contextTokens: 65_536, form: 'blocks', speed: null });
    if (!asked.ok) throw new Error(asked.problems.join('\n'));
    checkClean(`the prompt of ${name}`, asked.value.prompt);
    expect(fenced(asked.value.prompt), 'what a file says or a candidate printed stays in its fence').toBe(true);
    expect(asked.value.prompt, 'marks of chat templates').not.toMatch(/<\|\w+\|>|\[INST\]/);
  }
}

/**
 * Returns false where a mark that hostile output prints after a fence of its own (proposals/prompt.ts) got out of the
 * fence.
 */
function fenced(prompt: string): boolean {
  let fence: string | null = null;
  for (const line of prompt.split('\n')) {
    const [mark] = /^`{3,}/.exec(line) ?? [];
    if (fence === null && mark) fence = mark;
    else if (fence !== null && line.trim() === fence) fence = null;
    else if (line.includes('OUTSIDE-OF-THE-FENCE') && fence === null) return line.startsWith('{');
  }
  return fence === null;
}

/** No control character but line ends and tabs, no direction mark, in any string. */
function checkClean(what: string, value: unknown): void {
  if (typeof value === 'string')
    expect(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/u.exec(value)?.[0], `control character in ${what}`).toBeUndefined();
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) checkClean(what, one);
}

/** One trailer of each kind, all of them the loop's own. */
async function checkMessage({ id, target }: CorpusLoop, commit: string): Promise<void> {
  const message = await target.git('log', '-1', '--format=%B', commit);
  checkClean('the commit message', message);
  const trailers = (await target.git('log', '-1', '--format=%(trailers:only,unfold)', commit)).split('\n');
  expect(trailers.map((line) => line.split(':')[0])).toEqual([
    'Improvement',
    'Interval',
    'Pairs',
    'Loop',
    'Iteration',
    'Model',
    'Output',
  ]);
  expect(trailers).toContain(`Loop: ${id}`);
}

function memoryMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
