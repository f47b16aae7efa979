import { describe, expect, it } from 'vitest';
import { isFixedTime } from '../../../../domain/benchmark/facts.ts';
import { makeTree, requestOf, withBubblewrap } from '../request.ts';
import { variants, type Variant } from '../variants.ts';

const programs = {
  'none.js': '',
  'work.js': 'let sum = 0; for (let i = 0; i < 3e8; i++) sum += i % 7;',
  /** Goes on until a time has passed. */
  'timed.js': 'const from = performance.now(); while (performance.now() - from < 400);',
  /** Learns in a warm-up how much fills the time, as Criterion does. */
  'warmed.js': `
    const work = (n) => { let sum = 0; for (let i = 0; i < n; i++) sum += i % 7; };
    const from = performance.now();
    let done = 0;
    for (let n = 1000; performance.now() - from < 200; n *= 2) { work(n); done += n; }
    work((done / (performance.now() - from)) * 400);`,
};

const commands = {
  'fixed work': 'node work.js',
  'work and waiting': 'node work.js; sleep 0.5',
  'a fixed time': 'node timed.js',
  'a fixed time in a child': 'sh -c "node timed.js; true"',
  'a time learnt before': 'node warmed.js',
};

async function findTimed({ run }: Pick<Variant, 'run'>, tree: string): Promise<string[]> {
  const asked = Object.entries(commands).flatMap(([name, command]) => [
    [name, requestOf(command, tree)] as const,
    [`${name}, slowed`, requestOf(command, tree, { slowed: true })] as const,
  ]);
  const results = await run(Object.fromEntries([['none', requestOf('node none.js', tree)], ...asked]));
  for (const { status } of Object.values(results)) expect(status).toBe('ok');
  return Object.keys(commands).filter((name) =>
    isFixedTime([results[name]!], results[`${name}, slowed`]!, results['none']!),
  );
}

describe(withBubblewrap('a run at half speed'), () => {
  it.each(variants)(
    'tells a benchmark that goes by a clock from one of fixed work ($title)',
    async (variant) => {
      const tree = makeTree(programs);
      const timed = ['a fixed time', 'a fixed time in a child', 'a time learnt before'];
      // Other programs on this machine may spoil a comparison, but not all.
      let found: string[] = [];
      for (let attempt = 1; attempt <= 5 && found.join() !== timed.join(); attempt++)
        found = await findTimed(variant, tree);
      expect(found).toEqual(timed);
    },
    300_000,
  );

  it.each(variants)('ends with its command, and is killed like any other ($title)', async (variant) => {
    const tree = makeTree();
    const { copied, late } = await variant.run({
      copied: requestOf('echo done; sleep 0.1', tree, { slowed: true, workspace: 'copy' }),
      late: requestOf('while :; do :; done', tree, { slowed: true, limits: { seconds: 1 } }),
    });
    expect(copied).toMatchObject({ status: 'ok', stdout: 'done\n' });
    expect(copied!.left).not.toBeNull();
    expect(late).toMatchObject({ status: 'timeout' });
  });
});
