import { afterEach, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import { toLine } from '../../../domain/text.ts';
import { dataPaths } from '../../../store/layout.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasParts = findOnPath('bwrap') !== null && findOnPath('python3') !== null;

const files = {
  'src/work.py': `def total(items):
    found = 0
    for _ in range(60):
        found = 0
        for item in items:
            found += item
    return found
`,
  'bench.py': `import os, time
from src.work import total
items = [int(os.environ.get("BENCH_SEED", "1")) + index for index in range(20_000)]
before = time.process_time()
results = [total(items) for _ in range(4)]
print(f"METRIC ms={(time.process_time() - before) * 1000}")
print(f"CHECK {sum(results)}")
`,
  'test.py': 'from src.work import total\nassert total([1, 2, 3]) == 6\nassert total([]) == 0\n',
};
const benchmark = {
  command: 'python3 bench.py',
  metric: { pattern: '^METRIC ms=([0-9.]+)$' },
  output: { pattern: '^CHECK (.+)$' },
};

/** Does the rounds in processes of a few milliseconds that no parent waits for. */
const hiding = (
  body: string,
  begin = 'signal.signal(signal.SIGCHLD, signal.SIG_IGN)',
) => `import ctypes, os, signal, sys
libc = ctypes.CDLL(None)

def once(items):
    found = 0
    for item in items:
        found += item
    return found

def total(items):
    if len(items) < 10:
        return once(items)
    ${begin}
    reading, writing = os.pipe()
${body}
    os.close(writing)
    parts = b""
    while part := os.read(reading, 65536):
        parts += part
    os.close(reading)
    return int(parts.split()[-1])
`;
const chain = `    if os.fork() == 0:
        for round in range(60):
            found = once(items)
            if round % 8 == 7 and libc.syscall(56, 0x8000 | signal.SIGCHLD, 0, 0, 0, 0) != 0:
                libc._exit(0)
        os.write(writing, b"%d" % found)
        os._exit(0)`;
const crowd = `    for _ in range(12):
        mine, theirs = os.pipe()
        if os.fork() == 0:
            for _ in range(5):
                found = once(items)
            os.write(writing, b"%d " % found)
            os._exit(0)
        os.close(theirs)
        os.read(mine, 1)
        os.close(mine)`;
/** SA_NOCLDWAIT (2) beside a handler that is the default. */
const notWaited = 'libc.sigaction(17, (ctypes.c_ulong * 32)(0, *[0] * 16, 2), None)';

const propose = (title: string, content: string): Hypothesis => ({
  title: toLine(title),
  edits: [{ file: 'src/work.py', content }],
});

describe.skipIf(!hasParts)('a gain in CPU time, where no control group counts it', () => {
  let on: StepsOnTarget;
  afterEach(() => on.remove());

  async function judged(hypothesis: Hypothesis, part: object = {}) {
    on = await stepsOnTarget({ files });
    const generatedDirectory = dataPaths(on.data).sandbox;
    on.resources.sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory, cgroup: false });
    const prepared = await on.prepare({ test: 'python3 test.py', benchmark: { ...benchmark, ...part } });
    expect(prepared.summary).toContain('CPU time can be hidden, so wall time must show a gain too');
    const { loopId, repository, champion } = prepared;
    const ref = { loopId, repository, champion, iteration: 1, startedAt: '2026-01-02T03:04:05.000Z' };
    const applied = await on.call((steps) => steps.apply({ ...ref, hypothesis }));
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    return on.call((steps) => steps.benchmark({ ...ref, tree: applied.tree }));
  }

  it.each([
    ['a chain of short processes', hiding(chain)],
    ['short processes one after the other', hiding(crowd)],
    ['a chain under a parent that asks for no zombies', hiding(chain, notWaited)],
    // Other programs on this machine may hide for once that the clock saw less; the candidate is rejected even then.
  ])('is not believed of %s, whose wall time is no shorter', { retry: 2 }, async (title, content) => {
    const answer = await judged(propose(title, content));
    if (answer.kind !== 'judged') throw new Error(answer.detail);
    expect(answer.verdict.verdict).toBe('rejected');
    expect(answer.objection).toMatchObject({ reason: 'uncorroborated' });
    expect(answer.objection!.detail).toContain('wall time of the command, since CPU time can be hidden');
  });

  it("is not believed where the loop's own clock is the metric", { retry: 2 }, async () => {
    const answer = await judged(propose('Hide', hiding(chain)), { metric: undefined });
    if (answer.kind !== 'judged') throw new Error(answer.detail);
    expect(answer).toMatchObject({ verdict: { verdict: 'rejected' }, objection: { reason: 'uncorroborated' } });
  });

  it('is believed where it is honest', async () => {
    const answer = await judged(propose('Fewer rounds', files['src/work.py'].replace('range(60)', 'range(20)')));
    expect(answer).toMatchObject({ kind: 'judged', verdict: { verdict: 'accepted' }, objection: null });
  });
});
