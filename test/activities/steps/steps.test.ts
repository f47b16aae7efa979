import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActivities, type Resources } from '../../../activities/index.ts';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import { defaultPolicy, type RecordedVerdict } from '../../../domain/verdict/decision.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import type { Plan } from '../../../domain/config/plan.ts';
import type { CollectAnswer, IterationFacts, IterationRef, PreparedLoop, Steps } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { toVerdict } from '../../../domain/verdict/verdict.ts';
import { createResources, settingsFor } from '../../support/open-loop.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { createTarget, exactRounds, proposals, targetConfig } from '../../support/repository/target.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const startedAt = '2026-01-02T03:04:05.000Z';
/** For a test of what follows a verdict. */
const exact: Partial<LoopConfigInput> = { benchmark: exactRounds };

describe.skipIf(!hasSandbox)('the steps on real git and a real sandbox (bring it with: node scripts/setup.mjs)', () => {
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let steps: Steps;
  let resources: Resources;

  beforeEach(async () => {
    data = createDataDirectory();
    target = await createTarget();
    steps = await createSteps({});
  });
  afterEach(async () => {
    await target.remove();
    data.remove();
  });

  async function createSteps(
    settings: object,
    answers: readonly (Hypothesis | string)[] = [proposals.faster],
  ): Promise<Steps> {
    resources = await createResources(data.path, { ...settingsFor(data.path, target.path, answers), ...settings });
    return inActivities(createActivities(resources));
  }

  const prepare = (part: Partial<LoopConfigInput> = {}, loopId = 'loop'): Promise<PreparedLoop> =>
    steps.prepare({ loopId, config: targetConfig(target.path, part), startedAt });
  const iteration = ({ loopId, repository, champion }: PreparedLoop, n = 1): IterationRef => ({
    loopId,
    repository,
    champion,
    iteration: n,
    startedAt,
  });
  const facts = (ref: IterationRef, part: Partial<IterationFacts>): IterationFacts => ({
    ...ref,
    hypothesis: null,
    tree: null,
    verdict: null,
    attempts: 1,
    tokens: 0,
    ...part,
  });
  async function judged(ref: IterationRef, hypothesis: Hypothesis): Promise<IterationFacts> {
    const applied = await steps.apply({ ...ref, hypothesis });
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const benchmarked = await steps.benchmark({ ...ref, tree: applied.tree });
    if (benchmarked.kind !== 'judged') throw new Error(benchmarked.detail);
    if (benchmarked.verdict.verdict === 'accepted') await steps.challenge({ ...ref, tree: applied.tree });
    return facts(ref, { hypothesis, tree: applied.tree, verdict: benchmarked.verdict });
  }

  const refs = () => target.git('for-each-ref', '--format=%(refname) %(objectname)');

  it('prepares twice to the same plan, and begins the ledger once', async () => {
    const first = await prepare();
    const before = await refs();
    expect(await prepare()).toMatchObject({ champion: first.champion, nextIteration: 1 });
    expect(await refs()).toBe(before);
    await expect(prepare({ minImprovement: 0.1 })).rejects.toThrow('has a ledger of another configuration');
  });

  it('commits the same facts twice as one commit and one record', async () => {
    const ref = iteration(await prepare());
    const applied = await steps.apply({ ...ref, hypothesis: proposals.faster });
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const benchmarked = await steps.benchmark({ ...ref, tree: applied.tree });
    if (benchmarked.kind !== 'judged') throw new Error(benchmarked.detail);
    expect(benchmarked.verdict).toMatchObject({
      verdict: 'accepted',
      better: 'lower',
      alpha: 0.001,
      minImprovement: 0.05,
    });
    const accepted = facts(ref, { hypothesis: proposals.faster, tree: applied.tree, verdict: benchmarked.verdict });
    await expect(steps.commit(accepted)).rejects.toThrow('was not challenged yet; challenge it first');
    expect(await steps.challenge({ ...ref, tree: applied.tree })).toMatchObject({ kind: 'withstood' });
    const committed = await steps.commit(accepted);
    const before = await refs();
    expect(await steps.commit(accepted)).toMatchObject({
      kind: 'committed',
      commit: committed.kind === 'committed' && committed.commit,
    });
    expect(await refs()).toBe(before);
    // Nor does a rollback undo it: the record that is there stays, and says what the iteration was.
    expect(
      await steps.rollback({ ...accepted, reason: 'infrastructure', detail: 'the answer was lost' }),
    ).toMatchObject({
      outcome: 'committed',
      commit: committed.kind === 'committed' && committed.commit,
    });
    expect(await refs()).toBe(before);
    expect(await target.git('log', '-1', '--format=%an %aI', 'karpathy-loop/loop')).toBe(
      'Karpathy Loop 2026-01-02T03:04:05+00:00',
    );
    // As a git leaves it that is killed between the two refs: the next attempt finishes the move, and so does a loop that begins from its ledger.
    const cutShort = () => target.git('update-ref', '-d', 'refs/heads/karpathy-loop/loop');
    await cutShort();
    expect(await steps.commit(accepted)).toMatchObject({ kind: 'committed' });
    expect(await refs()).toBe(before);
    await cutShort();
    expect(await prepare()).toMatchObject({
      champion: committed.kind === 'committed' && committed.commit,
      nextIteration: 2,
    });
    expect(await refs()).toBe(before);
  });

  it('measures nothing again once a decision is complete', async () => {
    const ref = iteration(await prepare());
    const applied = await steps.apply({ ...ref, hypothesis: proposals.slower });
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const first = await steps.benchmark({ ...ref, tree: applied.tree });
    expect(first).toMatchObject({ kind: 'judged', verdict: { verdict: 'rejected' } });
    const journal = join(data.path, 'loops/loop/iterations/1/decisions', applied.tree, 'pairs.jsonl');
    const before = readFileSync(journal, 'utf8');
    expect(await steps.benchmark({ ...ref, tree: applied.tree })).toEqual({
      ...first,
      seconds: expect.any(Number) as number,
      waited: expect.any(Number) as number,
    });
    expect(readFileSync(journal, 'utf8')).toBe(before);
  });

  it('keeps an answer that came, and does not ask again', async () => {
    const ref = iteration(await prepare());
    const collected = (await steps.collect(ref)) as CollectAnswer;
    expect(collected).toMatchObject({ queue: 'karpathy-loop/test', profile: ref.champion });
    expect(await steps.collect(ref)).toEqual({
      ...collected,
      seconds: expect.any(Number) as number,
      waited: expect.any(Number) as number,
    });
    const { hotspots } = await steps.analyze({ ...ref, profile: collected.profile });
    expect(hotspots[0]).toMatchObject({ file: 'src/total.mjs', name: 'total', line: 3 });
    const ask = { ...ref, hotspots, metric: collected.metric, attempt: 0, previous: null };
    const answer = await steps.hypothesize(ask);
    expect(answer).toMatchObject({ kind: 'hypothesis', hypothesis: proposals.faster });
    expect(await steps.hypothesize(ask)).toEqual({
      ...answer,
      seconds: expect.any(Number) as number,
      waited: expect.any(Number) as number,
    });
    expect(readFileSync(join(data.path, 'briefs.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('names the hotspots by file where there is no profile', async () => {
    const ref = iteration(await prepare({ profile: 'none' }));
    expect(await steps.collect(ref)).toMatchObject({ profile: null });
    expect((await steps.analyze({ ...ref, profile: null })).hotspots).toEqual([
      { file: 'src/total.mjs', name: null, line: null, share: null },
    ]);
  });

  it('calls a candidate that was judged before a duplicate, and one equal to the champion', async () => {
    const ref = iteration(await prepare({ iterations: 2 }));
    const same: Hypothesis = {
      title: toLine('Nothing'),
      edits: [{ file: 'src/total.mjs', search: 'ROUNDS = 300', replace: 'ROUNDS = 300' }],
    };
    expect(await steps.apply({ ...ref, hypothesis: same })).toMatchObject({
      kind: 'refused',
      reason: 'duplicate',
      detail: 'equal to the champion',
    });
    const applied = await steps.apply({ ...ref, hypothesis: proposals.broken });
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    expect(await steps.test({ ...ref, tree: applied.tree })).toMatchObject({
      kind: 'failed',
      detail: expect.stringContaining('exit code 1') as string,
    });
    await steps.rollback({
      ...facts(ref, { hypothesis: proposals.broken, tree: applied.tree }),
      reason: 'tests-failed',
      detail: '',
    });
    expect(await steps.apply({ ...ref, iteration: 2, hypothesis: proposals.broken })).toMatchObject({
      reason: 'duplicate',
      detail: expect.stringContaining('iteration 1') as string,
    });
  });

  it('builds each candidate in the sandbox, runs tests on the result, and calls a failing build by its name', async () => {
    const build = 'mkdir -p out && cp src/total.mjs out/ && ! grep -q "sum + 1" src/total.mjs';
    const ref = iteration(await prepare({ build, test: 'test -f out/total.mjs' }));
    expect(await steps.apply({ ...ref, hypothesis: proposals.faster })).toMatchObject({ kind: 'applied' });
    expect(await steps.apply({ ...ref, hypothesis: proposals.broken })).toMatchObject({ reason: 'build-failed' });
  });

  it('runs setup once per base, and shows what it provides read-only to every later run', async () => {
    const setup = 'mkdir -p deps && echo made > deps/note';
    const test = 'test "$(cat deps/note)" = made && ! touch deps/x 2>/dev/null';
    for (const workspace of ['readonly', 'copy'] as const) {
      await expect(prepare({ setup, provided: ['deps'], test, workspace }, workspace)).resolves.toMatchObject({
        nextIteration: 1,
      });
    }
    await expect(prepare({ setup, provided: ['other'] }, 'missing')).rejects.toThrow('setup did not make "other"');
    await expect(prepare({ provided: ['deps'] }, 'without')).rejects.toThrow('is given without a setup');
    await expect(prepare({ setup }, 'unseen')).rejects.toThrow('is empty, so that no run would see');
  });

  it('begins no new loop above the quota of the data directory', async () => {
    steps = await createSteps({ quotaMiB: 100 });
    await writeFile(join(data.path, 'big'), Buffer.alloc(101 * 2 ** 20, 1));
    await expect(prepare()).rejects.toThrow(/^quota: .* its quota of 100 MiB; remove ended loops/);
  });

  it('gives a copy workspace a fresh writable tree in each run', async () => {
    const test = 'test ! -e mark && touch mark';
    const ref = iteration(await prepare({ test, workspace: 'copy' }));
    const applied = await steps.apply({ ...ref, hypothesis: proposals.faster });
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    for (let run = 1; run <= 2; run++)
      expect(await steps.test({ ...ref, tree: applied.tree })).toMatchObject({ kind: 'passed' });
  });

  it("takes the loop's own clock where no metric is given", async () => {
    const prepared = await prepare({ benchmark: { command: 'node bench.mjs', clock: 'wall' } });
    const { metric } = (await steps.collect(iteration(prepared))) as CollectAnswer;
    expect(metric).toBeGreaterThan(1);
  });

  it.each<[string, (ref: IterationRef) => Promise<unknown>, RegExp]>([
    [
      'a loop id that climbs out',
      (ref) => steps.collect({ ...ref, loopId: '../../etc' }),
      /loop id: .* is not a valid ref name/,
    ],
    [
      'a loop that is not prepared',
      (ref) => steps.collect({ ...ref, loopId: 'other' }),
      /is not prepared on this worker/,
    ],
    [
      'another repository',
      (ref) => steps.collect({ ...ref, repository: '/etc' }),
      /repository: "\/etc" is not allowed by this worker/,
    ],
    [
      'a champion that is an option',
      (ref) => steps.collect({ ...ref, champion: '--help' }),
      /champion: .* is not an object id/,
    ],
    [
      'an iteration that is a path',
      (ref) =>
        steps.rollback({ ...facts(ref, {}), iteration: '../1' as unknown as number, reason: 'cancelled', detail: '' }),
      /iteration: .* is not a number/,
    ],
    [
      'an attempt that is a path',
      (ref) =>
        steps.hypothesize({ ...ref, hotspots: [], metric: 1, attempt: '/../x' as unknown as number, previous: null }),
      /attempt: .* is not a number/,
    ],
    [
      'an iteration beyond the plan',
      (ref) => steps.rollback({ ...facts(ref, {}), iteration: 2, reason: 'cancelled', detail: '' }),
      /iteration: 2 is not a number from 1 to 1/,
    ],
    [
      'a tree that is an option of git',
      (ref) =>
        steps.rollback({ ...facts(ref, { tree: `--output=${data.path}/written` }), reason: 'cancelled', detail: '' }),
      /tree: .* is not an object id/,
    ],
    [
      'a commit without a hypothesis',
      (ref) => steps.commit(facts(ref, { tree: ref.champion })),
      /needs a hypothesis and its tree/,
    ],
    [
      'a commit without a verdict',
      (ref) => steps.commit(facts(ref, { hypothesis: proposals.faster, tree: ref.champion })),
      /the journal of iteration 1 does not accept/,
    ],
  ])('refuses %s from whoever calls an activity', async (_, call, message) => {
    const ref = iteration(await prepare());
    await expect(call(ref)).rejects.toThrow(message);
  });

  it('commits nothing on a verdict that was not measured here', async () => {
    const ref = iteration(await prepare());
    const applied = await steps.apply({ ...ref, hypothesis: proposals.faster });
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const forged = {
      ...toVerdict([], { policy: defaultPolicy, clock: null }),
      verdict: 'accepted',
      pairs: 12,
      estimate: 0.1,
      reported: { ratio: 0.1, interval: [0.05, 0.2], pairs: 8, isLoss: false, text: '' },
    } satisfies RecordedVerdict;
    await expect(
      steps.commit(facts(ref, { hypothesis: proposals.faster, tree: applied.tree, verdict: forged })),
    ).rejects.toThrow('does not accept');
    expect(await target.git('for-each-ref', 'refs/heads/karpathy-loop')).toBe('');
  });

  it('takes the terms of a verdict and the branch from the config, whatever a ledger in the repository says', async () => {
    const prepared = await prepare(exact);
    const ledger = 'refs/karpathy-loop/loop/ledger';
    const plan = JSON.parse(await target.git('show', `${ledger}:loop.json`)) as Plan;
    const forged = { ...plan, alpha: 0.5, branch: 'main', loopId: '../elsewhere' };
    await writeFile(join(data.path, 'plan.json'), JSON.stringify(forged));
    const blob = await target.git('hash-object', '-w', join(data.path, 'plan.json'));
    const inIndex = { cwd: target.path, env: { GIT_INDEX_FILE: join(data.path, 'index') } };
    await execa('git', ['update-index', '--add', '--cacheinfo', `100644,${blob},loop.json`], inIndex);
    const { stdout: tree } = await execa('git', ['write-tree'], inIndex);
    await target.git('update-ref', ledger, await target.git('commit-tree', tree, '-m', 'forged'));
    rmSync(join(data.path, 'loops'), { recursive: true });
    const main = await target.git('rev-parse', 'main');
    const ref = iteration({ ...prepared, ...(await prepare(exact)) });
    const applied = await steps.apply({ ...ref, hypothesis: proposals.faster });
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    expect(await steps.benchmark({ ...ref, tree: applied.tree })).toMatchObject({ verdict: { alpha: 0.001 } });
    await steps.challenge({ ...ref, tree: applied.tree });
    await steps.commit(facts(ref, { hypothesis: proposals.faster, tree: applied.tree, verdict: null }));
    expect(await target.git('rev-parse', 'main')).toBe(main);
    expect(await target.git('for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/karpathy-loop')).toBe(
      `refs/heads/karpathy-loop/loop\nrefs/heads/main\n${ledger}`,
    );
  });

  it('rolls back as stale where someone else moved the champion, and says where it is', async () => {
    const ref = iteration(await prepare(exact));
    const applied = await steps.apply({ ...ref, hypothesis: proposals.faster });
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    await steps.benchmark({ ...ref, tree: applied.tree });
    await steps.challenge({ ...ref, tree: applied.tree });
    const mine = await target.commit({ 'notes.md': 'mine' }, 'Mine');
    await target.git('branch', 'karpathy-loop/loop', mine);
    expect(await steps.commit(facts(ref, { hypothesis: proposals.faster, tree: applied.tree }))).toMatchObject({
      kind: 'stale',
      champion: mine,
    });
    expect(await target.git('rev-parse', 'karpathy-loop/loop')).toBe(mine);
  });

  it('blames no candidate where its set-up, gone meanwhile, cannot be made again', async () => {
    const registry = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    steps = await createSteps({ setupNetwork: true });
    const ask = `node -e "fetch('http://127.0.0.1:${port}').then(() => {}, () => process.exit(1))"`;
    const ref = iteration(
      await prepare({ setup: `${ask} && mkdir deps && echo made > deps/note`, provided: ['deps'] }),
    );
    registry.close();
    rmSync(join(data.path, 'setups'), { recursive: true });
    const failure = { type: 'BaseFailed', nonRetryable: false };
    await expect(steps.apply({ ...ref, hypothesis: proposals.faster })).rejects.toMatchObject(failure);
    await expect(steps.test({ ...ref, tree: await target.git('rev-parse', 'HEAD^{tree}') })).rejects.toMatchObject(
      failure,
    );
    await expect(steps.collect(ref)).rejects.toMatchObject({ type: 'ChampionFailed', nonRetryable: false });
  });

  it('claims no commit where the record of another writer came first, however late', async () => {
    const ref = iteration(await prepare(exact));
    const accepted = await judged(ref, proposals.faster);
    const ledger = 'refs/karpathy-loop/loop/ledger';
    const begun = await target.git('rev-parse', ledger);
    await steps.rollback({ ...accepted, reason: 'cancelled', detail: '' });
    const theirs = await target.git('rev-parse', ledger);
    await target.git('update-ref', ledger, begun);
    // Read between the look whether there is a record and the append: there the other one writes its own.
    const late = { ...accepted, get tokens() { execFileSync('git', ['update-ref', ledger, theirs], { cwd: target.path }); return 0; } }; // prettier-ignore
    expect(await steps.commit(late)).toMatchObject({
      kind: 'stale',
      champion: ref.champion,
      detail: expect.stringContaining('cancelled') as string,
    });
    expect(await refs()).not.toContain('refs/heads/karpathy-loop/loop');
    expect(await target.git('rev-parse', ledger)).toBe(theirs);
  });

  it('finds its commit again after its answer was lost, whatever was built on it meanwhile, and makes a deleted branch anew', async () => {
    const ref = iteration(await prepare({ ...exact, iterations: 2 }));
    const first = await judged(ref, proposals.faster);
    const committed = await steps.commit(first);
    if (committed.kind !== 'committed') throw new Error(committed.detail);
    const mine = await target.git('commit-tree', `${committed.commit}^{tree}`, '-p', committed.commit, '-m', 'Mine');
    await target.git('branch', '-f', 'karpathy-loop/loop', mine);
    expect(await steps.commit(first)).toMatchObject({ kind: 'committed', commit: committed.commit });
    expect(await steps.rollback({ ...first, reason: 'infrastructure', detail: '' })).toMatchObject({
      outcome: 'committed',
      commit: committed.commit,
    });
    expect(await target.git('rev-parse', 'karpathy-loop/loop')).toBe(mine);

    await target.git('branch', '-D', 'karpathy-loop/loop');
    const second = await judged({ ...ref, iteration: 2, champion: committed.commit }, proposals.fasterStill);
    const next = await steps.commit(second);
    expect(next).toMatchObject({ kind: 'committed' });
    expect(await target.git('rev-parse', 'karpathy-loop/loop', 'karpathy-loop/loop^')).toBe(
      `${next.kind === 'committed' && next.commit}\n${committed.commit}`,
    );
  });

  it('makes setup once for two loops that begin together, and builds anew when the command changes', async () => {
    const setup = 'mkdir -p deps && for n in 1 2 3 4 5 6 7 8; do echo $n > deps/$n; sleep 0.05; done';
    const test = 'test "$(ls deps | wc -l)" = 8';
    const both = ['one', 'two'].map((id) => prepare({ setup, provided: ['deps'], test }, id));
    expect((await Promise.all(both)).map(({ nextIteration }) => nextIteration)).toEqual([1, 1]);
    await expect(prepare({ build: 'true', test: 'test -f built' }, 'rebuilt')).rejects.toThrow('fails on the base');
    await expect(prepare({ build: 'touch built', test: 'test -f built' }, 'rebuilt')).resolves.toMatchObject({
      nextIteration: 1,
    });
  });

  it('refuses by name a provided path that is a link to somewhere on the host', async () => {
    const secret = join(data.path, 'secret');
    await writeFile(secret, 'TOPSECRET');
    const failure = await prepare({
      setup: `ln -s ${secret} deps`,
      provided: ['deps'],
      test: 'cat deps; exit 1',
    }).catch((error: unknown) => String(error));
    expect(failure).toContain('leads out of what setup made');
    expect(failure).not.toContain('TOPSECRET');
  });

  it('is not held up or misled by what a program leaves as its profile', async () => {
    const outside = join(data.path, 'outside.cpuprofile');
    const node = {
      id: 1,
      callFrame: { functionName: 'LEAKED', url: 'file:///repo/src/total.mjs', lineNumber: 0 },
      hitCount: 9,
    };
    await writeFile(outside, JSON.stringify({ nodes: [node] }));
    const leave = `if [ -d /profile ]; then mkfifo /profile/p.cpuprofile; ln -s ${outside} /profile/l.cpuprofile; echo '{' > /profile/b.cpuprofile; fi`;
    const ref = iteration(
      await prepare({
        benchmark: { command: `node bench.mjs; ${leave}`, metric: { pattern: '^METRIC ms=([0-9.]+)$' } },
      }),
    );
    const { profile } = (await steps.collect(ref)) as CollectAnswer;
    const { hotspots } = await steps.analyze({ ...ref, profile });
    expect(hotspots[0]).toMatchObject({ file: 'src/total.mjs', name: 'total' });
    expect(JSON.stringify(hotspots)).not.toContain('LEAKED');
  });

  it('gives up on a pattern that would search for ever', async () => {
    const command = "node -e \"console.log('a'.repeat(40) + '!')\"";
    await expect(prepare({ benchmark: { command, metric: { pattern: '^(?:a+)+(b)$' } } })).rejects.toThrow(
      'could not be searched within',
    );
  });

  it('refuses a prepared loop of another repository under its id', async () => {
    const other = await createTarget({ 'README.md': 'other\n' });
    try {
      await prepare();
      steps = await createSteps({ repositories: [target.path, other.path] });
      await expect(steps.finish({ loopId: 'loop', repository: other.path, measure: false })).rejects.toThrow(
        'is not a loop of',
      );
      expect(await other.git('for-each-ref', 'refs/karpathy-loop')).toBe('');
    } finally {
      await other.remove();
    }
  });

  it('refuses a prepared loop whose permissions were taken back', async () => {
    const ref = iteration(await prepare());
    steps = await createSteps({ commandSources: {} });
    await expect(steps.collect(ref)).rejects.toThrow('hypothesis.command: "script" is not allowed by this worker');
  });
});

/** Each activity in a fresh mock context: heartbeats and cancellation as in a worker. */
function inActivities(steps: Steps): Steps {
  const wrap = (step: (input: never) => Promise<unknown>) => (input: never) =>
    new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') }).run(step, input);
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [name, wrap(step as (input: never) => Promise<unknown>)]),
  ) as unknown as Steps;
}
