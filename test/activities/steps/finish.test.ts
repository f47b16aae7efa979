import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import { openJournal } from '../../../activities/measure/journal.ts';
import { heldSandbox as held } from '../../support/open-loop.ts';
import type { SandboxRequest, SandboxResult } from '../../../adapters/sandbox/contract.ts';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { HeadToHeadRecord } from '../../../domain/verdict/head-to-head.ts';
import type { Evidence } from '../../../domain/ledger/record.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';
import type { IterationFacts, PreparedLoop, Steps } from '../../../domain/steps.ts';
import { iterate, realActivities } from '../../support/real-activities.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';
import { createTarget, exactRounds, proposals, scriptedSource, targetConfig } from '../../support/repository/target.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const exact: Partial<LoopConfigInput> = { benchmark: exactRounds };

/** Moves the results branch of the loop to a champion that is faster, as if it had been measured. */
async function commitFaster(target: TestRepository): Promise<string> {
  const text = await target.git('show', 'HEAD:src/total.mjs');
  const champion = await target.commit({ 'src/total.mjs': text.replace('300', '100') }, 'Be faster');
  await target.git('update-ref', 'refs/heads/karpathy-loop/loop', champion);
  return champion;
}

describe.skipIf(!hasSandbox)('finish, on real git and a real sandbox (bring it with: node scripts/setup.mjs)', () => {
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let steps: Steps;

  beforeEach(async () => {
    data = createDataDirectory();
    target = await createTarget();
    const { command } = scriptedSource(data.path, [proposals.faster]);
    steps = await realActivities(data.path, { repositories: [target.path], commandSources: { script: { command } } });
  });
  afterEach(async () => {
    await target.remove();
    data.remove();
  });

  const prepare = (part: Partial<LoopConfigInput> = {}) =>
    steps.prepare({
      loopId: 'loop',
      config: targetConfig(target.path, { iterations: 2, ...part }),
      startedAt: '2026-01-02T03:04:05.000Z',
    });
  const finish = (measure = true) => steps.finish({ loopId: 'loop', repository: target.path, measure });
  const inLedger = async () =>
    JSON.parse(await target.git('show', 'refs/karpathy-loop/loop/ledger:head-to-head.json')) as HeadToHeadRecord;
  const refs = () => target.git('for-each-ref', '--format=%(refname) %(objectname)');

  it('measures nothing where nothing was committed, or where it is not asked to', async () => {
    const prepared = await prepare(exact);
    const before = await refs();
    expect(await finish()).toMatchObject({ champion: prepared.baseSha, branchPending: null, headToHead: null });
    expect(await refs()).toBe(before);
    const champion = await iterate(steps, prepared, 1, proposals.faster);
    expect(await finish(false)).toMatchObject({ champion, headToHead: null });
    await expect(inLedger()).rejects.toThrow();
  });

  it('measures base against champion in 20 pairs, keeps it in the ledger with its samples, and does not measure it twice', async () => {
    const prepared = await prepare();
    const champion = await commitFaster(target);
    const first = await finish();
    expect(first).toMatchObject({
      champion,
      headToHead: { base: prepared.baseSha, champion, pairs: 20, better: 'lower', unit: 'ms' },
    });
    const { ratio, interval } = first.headToHead!;
    expect(ratio).toBeLessThan(0.8);
    expect(interval[0]).toBeLessThanOrEqual(ratio);
    expect(interval[1]).toBeGreaterThanOrEqual(ratio);
    const kept = await inLedger();
    expect(kept.result).toEqual(first.headToHead);
    expect(kept.samples).toHaveLength(20);
    const [before, journal] = [await refs(), readFileSync(journalOf(prepared.baseSha, champion), 'utf8')];
    expect((await finish()).headToHead).toEqual(first.headToHead);
    expect([await refs(), readFileSync(journalOf(prepared.baseSha, champion), 'utf8')]).toEqual([before, journal]);
  });

  it('goes on with the pairs that are there, and drops a line that a kill has torn', async () => {
    const prepared = await prepare();
    const champion = await commitFaster(target);
    await finish();
    const journal = journalOf(prepared.baseSha, champion);
    const lines = readFileSync(journal, 'utf8').split(/(?<=\n)/);
    expect(lines.filter(Boolean)).toHaveLength(21);
    writeFileSync(journal, lines.slice(0, 18).join(''));
    appendFileSync(journal, lines[18]!.slice(0, 30));
    expect((await finish()).headToHead).toMatchObject({ pairs: 20 });
    expect(
      readFileSync(journal, 'utf8')
        .split(/(?<=\n)/)
        .slice(0, 18),
    ).toEqual(lines.slice(0, 18));
  });

  it('of an exact metric measures one pair and one that confirms it; the latest champion takes the place of the one before', async () => {
    const prepared = await prepare(exact);
    const first = await iterate(steps, prepared, 1, proposals.faster);
    expect((await finish()).headToHead).toMatchObject({ champion: first, pairs: 2, unit: 'rounds' });
    expect((await inLedger()).samples.map(({ pair }) => pair)).toEqual([
      [300, 100],
      [300, 100],
    ]);
    const second = await iterate(steps, { ...prepared, champion: first }, 2, proposals.fasterStill);
    const { headToHead } = await finish();
    expect(headToHead).toMatchObject({ base: prepared.baseSha, champion: second });
    expect(headToHead!.ratio).toBeCloseTo(25 / 300, 12);
    expect((await inLedger()).result).toEqual(headToHead);
  });

  it('is null where the champion cannot be measured, the ledger says why, and the loop ends all the same', async () => {
    const prepared = await prepare(exact);
    await iterate(steps, prepared, 1, proposals.faster);
    const broken = await target.commit({ 'src/total.mjs': 'const ROUNDS = none;\n' }, 'Break it');
    await target.git('update-ref', 'refs/heads/karpathy-loop/loop', broken);
    expect(await finish()).toMatchObject({ champion: broken, branchPending: null, headToHead: null });
    const problem = expect.stringContaining('no line of the output matches') as string;
    expect(await inLedger()).toEqual({
      version: 1,
      result: { base: prepared.baseSha, champion: broken, problem },
      seed: null,
      samples: [],
    });
  });

  function journalOf(base: string, champion: string): string {
    return join(data.path, 'loops/loop/head-to-head', `${base.slice(0, 16)}-${champion.slice(0, 16)}`, 'pairs.jsonl');
  }
});

describe.skipIf(!hasSandbox)('the end of a loop, where something goes wrong', () => {
  let on: StepsOnTarget;
  let prepared: PreparedLoop;
  let champion: string;

  beforeEach(async () => {
    on = await stepsOnTarget();
    prepared = await on.prepare({ ...exact, iterations: 2 });
    champion = await commitFaster(on.target);
  });
  afterEach(() => on.remove());

  const call = <Out>(work: (steps: Steps) => Promise<Out>, attempt = 1) =>
    new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') }).run<[], Out, () => Promise<Out>>(
      () => work(createActivities(on.resources)),
    );
  const finish = (attempt = 1) =>
    call((steps) => steps.finish({ loopId: 'loop', repository: on.target.path, measure: true }), attempt);
  const shown = (path: string) => on.target.git('show', `refs/karpathy-loop/loop/ledger:${path}`);
  const inLedger = async () => JSON.parse(await shown('head-to-head.json')) as HeadToHeadRecord;

  /** Makes the next runs come out otherwise than they did. */
  function spoil(
    times: number,
    result: Partial<SandboxResult>,
    isMeant: (request: SandboxRequest) => boolean = () => true,
  ): void {
    const { sandbox } = on.resources;
    let left = times;
    const run: typeof sandbox.run = async (request) => ({
      ...(await sandbox.run(request)),
      ...(isMeant(request) && left-- > 0 ? result : {}),
    });
    on.resources.sandbox = { ...sandbox, run };
  }

  it('leaves an error that may pass to the next attempt, and gives up at the last that it is worth', async () => {
    spoil(1, { status: 'sandbox-error' });
    await expect(finish()).rejects.toThrow('sandbox: could not run the command');
    await expect(inLedger()).rejects.toThrow();
    spoil(1, { status: 'sandbox-error' });
    expect(await finish(8)).toMatchObject({ champion, headToHead: null });
    expect((await inLedger()).result).toMatchObject({
      champion,
      problem: expect.stringMatching(/^sandbox: could not run/) as string,
    });
    expect(await finish()).toMatchObject({ champion, headToHead: { pairs: 2 } });
    // What was measured once is not lost to an end that could not measure.
    rmSync(join(on.data, 'loops/loop/head-to-head'), { recursive: true });
    spoil(1, { status: 'sandbox-error' });
    expect(await finish(8)).toMatchObject({ headToHead: null });
    expect((await inLedger()).result).toMatchObject({ pairs: 2 });
  });

  it('measures a champion that failed once or twice again, and no failure is for good', async () => {
    const tree = await on.target.git('rev-parse', `${champion}^{tree}`);
    const ofChampion = (request: SandboxRequest) => JSON.stringify(request).includes(tree);
    const failure = { status: 'failed', exitCode: 7 } as const;
    spoil(3, failure, ofChampion);
    expect(await finish()).toMatchObject({ champion, headToHead: null });
    expect((await inLedger()).result).toMatchObject({
      champion,
      problem: expect.stringMatching(/^benchmark: ended with exit code 7/) as string,
    });
    spoil(2, failure, ofChampion);
    expect(await finish()).toMatchObject({ champion, headToHead: { pairs: 2 } });
    expect((await inLedger()).samples.map(({ pair }) => pair)).toEqual([
      [300, 100],
      [300, 100],
    ]);
  });

  it('keeps in the evidence why a candidate could not be judged, and records a rollback whose journal is damaged without any', async () => {
    const pair: MeasuredPair = { first: 'champion', pair: [300, 100], cpuMs: [1, 1], wallMs: [1, 1], benchSeed: 1 };
    const tree = await on.target.git('rev-parse', `${prepared.baseSha}^{tree}`);
    const facts = (iteration: number): IterationFacts => ({
      ...{
        loopId: 'loop',
        repository: on.target.path,
        iteration,
        champion: prepared.baseSha,
        startedAt: '2026-01-02T03:04:05.000Z',
      },
      ...{ hypothesis: proposals.faster, tree, verdict: null, attempts: 1, tokens: 0 },
    });
    const journalOf = (iteration: number) => join(on.data, `loops/loop/iterations/${iteration}/decisions`, tree);
    await on.target.git('update-ref', 'refs/heads/karpathy-loop/loop', prepared.baseSha);
    const failed = await openJournal(held, {
      directory: journalOf(1),
      about: { champion: prepared.baseSha, candidate: tree },
      attempt: 1,
    });
    await failed.append(held, pair);
    await failed.fail(held, 'output differs');
    await failed.close();
    await call((steps) => steps.rollback({ ...facts(1), reason: 'benchmark-failed', detail: 'output differs' }));
    expect(JSON.parse(await shown('records/0/1.evidence.json')) as Evidence).toMatchObject({
      pairs: [pair],
      failure: 'output differs',
    });

    const damaged = await openJournal(held, {
      directory: journalOf(2),
      about: { champion: prepared.baseSha, candidate: tree },
      attempt: 1,
    });
    for (let count = 0; count < 2; count++) await damaged.append(held, pair);
    await damaged.close();
    const file = join(journalOf(2), 'pairs.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('[300,100]', '[300,101]'));
    await expect(call((steps) => steps.commit(facts(2)))).rejects.toThrow('was damaged after it was written');
    await call((steps) => steps.rollback({ ...facts(2), reason: 'infrastructure', detail: 'journal' }));
    expect(JSON.parse(await shown('records/0/2.json'))).toMatchObject({ iteration: 2, reason: 'infrastructure' });
    await expect(shown('records/0/2.evidence.json')).rejects.toThrow();
  });
});
