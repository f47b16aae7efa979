import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import type { IterationFacts, IterationRef, PreparedLoop, RollbackInput } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { exactRounds } from '../../support/repository/target.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const startedAt = '2026-01-02T03:04:05.000Z';

const rounds = (from: number, to: number, more = ''): Hypothesis => ({
  title: toLine(`Sum in ${to} rounds`),
  edits: [{ file: 'src/total.mjs', search: `const ROUNDS = ${from};\n`, replace: `const ROUNDS = ${to};\n${more}` }],
});
/** Springs once something is on the machine: here a file that all runs see, in the attack a date or the page cache. */
const trapUnder = (command: string) =>
  `import { existsSync } from 'node:fs';\nif (existsSync('${sprung}/now') && process.argv[1].includes('${command}')) throw new Error('the trap');\n`;
const sprung = mkdtempSync('/var/tmp/karpathy-loop-sprung-');
const trap = trapUnder('');
/** Counts rounds, and runs the program. */
const benchmark = { ...exactRounds, command: `node bench.mjs >/dev/null && ${exactRounds.command}` };

describe.skipIf(!hasSandbox)('a champion that begins to fail (bring the sandbox with: node scripts/setup.mjs)', () => {
  let bench: StepsOnTarget;

  beforeEach(async () => {
    bench = await stepsOnTarget();
    chmodSync(sprung, 0o755);
    rmSync(join(sprung, 'now'), { force: true });
    Object.assign(bench.resources.settings, { readOnlyPaths: { sprung } });
  });
  afterEach(() => bench.remove());
  afterAll(() => rmSync(sprung, { recursive: true }));

  const spring = () => writeFileSync(join(sprung, 'now'), '');
  const prepare = (part: Partial<LoopConfigInput> = {}) =>
    bench.prepare({ benchmark, iterations: 20, sandbox: { readOnly: ['sprung'] }, ...part });
  const refOf = ({ loopId, repository }: PreparedLoop, champion: string, iteration: number): IterationRef => {
    return { loopId, repository, champion, iteration, startedAt };
  };
  const nothing = { hypothesis: null, tree: null, verdict: null, attempts: 0, tokens: 0 };

  async function committed(ref: IterationRef, hypothesis: Hypothesis): Promise<string> {
    const applied = await bench.call((steps) => steps.apply({ ...ref, hypothesis }));
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const { tree } = applied;
    const judged = await bench.call((steps) => steps.benchmark({ ...ref, tree }));
    if (judged.kind !== 'judged') throw new Error(judged.detail);
    expect(await bench.call((steps) => steps.challenge({ ...ref, tree }))).toMatchObject({ kind: 'withstood' });
    const facts: IterationFacts = { ...ref, ...nothing, hypothesis, tree, verdict: judged.verdict };
    const answer = await bench.call((steps) => steps.commit(facts));
    if (answer.kind !== 'committed') throw new Error(answer.detail);
    return answer.commit;
  }
  const collect = (ref: IterationRef) => bench.call((steps) => steps.collect(ref));
  const rollback = (ref: IterationRef, reason: RollbackInput['reason'], detail = 'x') =>
    bench.call((steps) => steps.rollback({ ...ref, ...nothing, reason, detail }));
  const branch = () => bench.target.git('rev-parse', 'karpathy-loop/loop');

  /** A good champion, a trap upon it, and an iteration that fell into it. */
  async function sprungLoop() {
    const prepared = await prepare();
    const good = await committed(refOf(prepared, prepared.champion, 1), rounds(300, 100));
    const bad = await committed(refOf(prepared, good, 2), rounds(100, 20, trapUnder('bench.mjs')));
    expect(await collect(refOf(prepared, bad, 3))).toMatchObject({ metric: 20 });
    spring();
    await rollback(refOf(prepared, bad, 3), 'infrastructure', 'champion: benchmark: ended with exit code 1');
    return { prepared, good, bad, next: refOf(prepared, bad, 4) };
  }

  it('goes back to the last one that passes, in a commit upon it, and says so', async () => {
    const { prepared, good, bad, next } = await sprungLoop();
    const found = await collect(next);
    expect(found).toMatchObject({ kind: 'failed', reason: 'champion-failed' });
    const detail = 'detail' in found ? found.detail : '';
    expect(detail).toMatch(
      `champion ${bad.slice(0, 10)} fails where the base passes; the loop goes back to the earlier champion ${good.slice(0, 10)}`,
    );
    expect(detail).toContain('the trap');
    const back = await rollback(next, 'champion-failed', detail);
    expect(back).toMatchObject({ outcome: 'failed', reason: 'champion-failed', commit: await branch() });
    const { commit } = back;
    expect(await bench.target.git('rev-parse', `${commit}^{tree}`, `${commit}^`)).toBe(
      `${await bench.target.git('rev-parse', `${good}^{tree}`)}\n${bad}`,
    );
    expect(await bench.target.git('log', '-1', '--format=%s%n%(trailers)', commit!)).toMatch(
      `Go back to ${good.slice(0, 10)}\nLoop: loop\nIteration: 4`,
    );
    // A second attempt finds the same.
    expect(await rollback(next, 'champion-failed', detail)).toMatchObject({ commit });
    expect(await collect(refOf(prepared, commit!, 5))).toMatchObject({ metric: 100 });
    expect(await committed(refOf(prepared, commit!, 5), rounds(100, 50))).toBe(await branch());
    // The trap does not come again.
    const again = await bench.call((steps) =>
      steps.apply({ ...refOf(prepared, commit!, 6), hypothesis: rounds(100, 20, trapUnder('bench.mjs')) }),
    );
    expect(again).toMatchObject({ kind: 'refused', reason: 'duplicate' });
  });

  it('leaves a branch that its user moved meanwhile as it is', async () => {
    const { bad, next } = await sprungLoop();
    const found = await collect(next);
    const mine = await bench.target.git('commit-tree', `${bad}^{tree}`, '-p', bad, '-m', 'Mine');
    await bench.target.git('update-ref', 'refs/heads/karpathy-loop/loop', mine);
    const back = await rollback(next, 'champion-failed', 'detail' in found ? found.detail : '');
    expect(back).toEqual({
      outcome: 'failed',
      reason: 'champion-failed',
      seconds: expect.any(Number) as number,
      waited: expect.any(Number) as number,
    });
    expect(await branch()).toBe(mine);
  });

  it('waits in a ref of its own while the branch is checked out', async () => {
    const { bad, next } = await sprungLoop();
    await bench.target.git('checkout', '--quiet', 'karpathy-loop/loop');
    const found = await collect(next);
    const { commit } = await rollback(next, 'champion-failed', 'detail' in found ? found.detail : '');
    expect(await branch()).toBe(bad);
    expect(await bench.target.git('rev-parse', 'refs/karpathy-loop/loop/champion')).toBe(commit);
  });

  it('goes back to the base where every commit is a trap', async () => {
    const prepared = await prepare();
    const one = await committed(refOf(prepared, prepared.champion, 1), rounds(300, 100, trap));
    const two = await committed(refOf(prepared, one, 2), rounds(100, 20));
    await collect(refOf(prepared, two, 3));
    spring();
    for (let iteration = 3; iteration < 8; iteration++) {
      expect(await collect(refOf(prepared, two, iteration))).toMatchObject({ metric: 20 });
      await rollback(refOf(prepared, two, iteration), 'tests-failed');
    }
    const next = refOf(prepared, two, 8);
    const found = await collect(next);
    expect('detail' in found && found.detail).toMatch('the loop goes back to the base');
    const { commit } = await rollback(next, 'champion-failed', 'x');
    expect(await bench.target.git('rev-parse', `${commit}^{tree}`)).toBe(
      await bench.target.git('rev-parse', `${prepared.champion}^{tree}`),
    );
  });

  it('stays where the base fails too, and where nothing is wrong', async () => {
    const prepared = await prepare({ test: `test ! -e ${sprung}/now && node test.mjs` });
    const good = await committed(refOf(prepared, prepared.champion, 1), rounds(300, 100));
    await collect(refOf(prepared, good, 2));
    await rollback(refOf(prepared, good, 2), 'infrastructure');
    expect(await collect(refOf(prepared, good, 3))).toMatchObject({ metric: 100 });
    spring();
    await rollback(refOf(prepared, good, 3), 'infrastructure');
    expect(await collect(refOf(prepared, good, 4))).toMatchObject({ metric: 100 });
  });

  it('is left by no claim alone', async () => {
    const prepared = await prepare();
    const good = await committed(refOf(prepared, prepared.champion, 1), rounds(300, 100));
    expect(await rollback(refOf(prepared, good, 2), 'champion-failed')).toMatchObject({ outcome: 'failed' });
    expect(await branch()).toBe(good);
  });
});
