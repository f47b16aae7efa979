import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { runUnsandboxed } from '../../../adapters/sandbox/unsandboxed.ts';
import { proposals } from '../../support/repository/target.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const metric = { pattern: '^METRIC (\\S+)$' };

describe.skipIf(!hasSandbox)(
  'what a worker finds out about a base (bring the sandbox with: node scripts/setup.mjs)',
  () => {
    let on: StepsOnTarget;
    afterEach(() => on.remove());

    const ran = (command: string) => on.runs.filter((run) => run.command === command);

    it('chooses a read-only tree where the base passes so, and a fresh copy where it writes into the tree', async () => {
      on = await stepsOnTarget();
      expect(await on.facts(await on.prepare({ workspace: 'auto' }, 'reads'))).toMatchObject({ workspace: 'readonly' });
      const writes = 'touch mark && node test.mjs';
      const prepared = await on.prepare({ workspace: 'auto', test: writes }, 'writes');
      expect(await on.facts(prepared)).toMatchObject({ workspace: 'copy' });
      expect(prepared.summary).toContain('workspace copy (chosen: the base passes so)');
      await expect(on.prepare({ workspace: 'readonly', test: writes }, 'fixed')).rejects.toThrow('fails on the base');
      const benchmark = { command: 'touch mark && node bench.mjs', metric: { pattern: '^METRIC ms=([0-9.]+)$' } };
      expect(await on.facts(await on.prepare({ workspace: 'auto', benchmark }, 'benchmark'))).toMatchObject({
        workspace: 'copy',
      });
    });

    it('examines a base once, however many ask at the same time, and anew when something changes that the facts depend on', async () => {
      on = await stepsOnTarget();
      const prepared = await on.prepare();
      const before = on.runs.length;
      const [one, two] = await Promise.all([on.facts(prepared), on.facts(prepared), on.prepare()]);
      expect(one).toEqual(two);
      expect(on.runs).toHaveLength(before);
      await Promise.all([
        on.prepare({ testCount: { pattern: '(1)' }, test: 'echo 1' }, 'b'),
        on.prepare({ testCount: { pattern: '(1)' }, test: 'echo 1' }, 'b'),
      ]);
      expect(ran('echo 1')).toHaveLength(3);
    });

    it('runs tests and benchmark at most three times, and nothing at all for another loop on the same base', async () => {
      on = await stepsOnTarget();
      const side = { name: 'size', command: 'echo METRIC 7', metric, noise: 'exact' } as const;
      const config = { workspace: 'auto' as const, sideMetrics: [side] };
      const { summary, notes } = await on.prepare(config, 'one');
      for (const command of ['node test.mjs', 'node bench.mjs', side.command]) {
        expect(ran(command).length).toBeGreaterThan(0);
        expect(ran(command).length).toBeLessThanOrEqual(3);
      }
      const before = on.runs.length;
      const again = await on.prepare({ ...config, minImprovement: 0.1, iterations: 9, branch: 'other' }, 'two');
      expect(on.runs).toHaveLength(before);
      expect(again).toMatchObject({ summary, notes });
    });

    it('finds out again what lies damaged', async () => {
      on = await stepsOnTarget();
      const prepared = await on.prepare();
      const [base] = readdirSync(join(on.data, 'bases'));
      writeFileSync(join(on.data, 'bases', base!, 'facts.json'), '{"testMs": 5');
      const before = on.runs.length;
      expect((await on.facts(prepared)).testMs).toBeGreaterThan(5);
      expect(on.runs.length).toBeGreaterThan(before);
    });

    it('keeps for other loops, too, what runs of the base write into their copies of the tree', async () => {
      on = await stepsOnTarget({ files: { 'log.txt': 'a line\n' } });
      const config = { workspace: 'copy', test: 'echo more >> log.txt && node test.mjs' } as const;
      await on.prepare(config, 'one');
      const before = on.runs.length;
      const other = await on.prepare(config, 'two');
      expect(on.runs).toHaveLength(before);
      expect(await on.test(other, proposals.rename)).toMatchObject({ kind: 'passed' });
    });

    it('sees before the first iteration that a benchmark goes on for a fixed time, and how it should be', async () => {
      on = await stepsOnTarget();
      const rate = { metric, unit: 'ops/s', better: 'higher' } as const;
      const print = "console.log('METRIC ' + n)";
      const timed = `node -e "const from = performance.now(); let n = 0; while (performance.now() - from < 500) n++; ${print}"`;
      const { notes } = await on.prepare({ benchmark: { ...rate, command: timed } }, 'timed');
      expect(notes!.join('\n')).toMatch(
        /^time: the benchmark repeats its work for a fixed time, .*; let it do a fixed amount/m,
      );
      const work = `node -e "let n = 1; for (let i = 1; i < 4e8; i++) n += i % 7; ${print}"`;
      const other = await on.prepare({ benchmark: { ...rate, command: work } }, 'work');
      expect(other.notes!.join('\n')).not.toContain('fixed time');
    });

    it('does not hold against a benchmark that half speed disturbs it', async () => {
      on = await stepsOnTarget();
      const { sandbox } = on.resources;
      on.resources.sandbox = {
        ...sandbox,
        run: async (request) => {
          const result = await sandbox.run(request);
          return request.slowed ? { ...result, status: 'failed', exitCode: 1 } : result;
        },
      };
      expect(await on.facts(await on.prepare())).toMatchObject({ isFixedTime: false, unseeded: 'works' });
    });

    it('says of a run that hits its limit what to do before the limit is raised', async () => {
      on = await stepsOnTarget();
      const limits = { testSeconds: 20, benchmarkSeconds: 1 };
      await expect(on.prepare({ benchmark: { command: 'sleep 5' }, limits })).rejects.toThrow(
        /^benchmark: ran longer than its limit \(limits\.benchmarkSeconds, 1 s\); let it do less in a run; where it compiles, do that once in "build"; only then raise limits\.benchmarkSeconds$/,
      );
    });

    it('measures the start-up of the interpreter that the benchmark starts', async () => {
      on = await stepsOnTarget();
      const { startUp, cpuMs } = await on.facts(await on.prepare());
      expect(startUp.of).toBe('node -e 0');
      expect(startUp.cpuMs).toBeGreaterThan(1);
      expect(startUp.cpuMs).toBeLessThan(cpuMs);
      expect(ran('node -e 0')).toHaveLength(3);
      const benchmark = { command: 'awk "BEGIN { print \\"METRIC 5\\" }"', metric };
      expect((await on.facts(await on.prepare({ benchmark }, 'awk'))).startUp.of).toBe('true');
    });

    it('gives the base its config’s seed', async () => {
      on = await stepsOnTarget();
      const benchmark = { command: 'echo METRIC $BENCH_SEED', metric };
      expect(await on.facts(await on.prepare({ benchmark, seed: 41 }))).toMatchObject({ metric: 41 });
    });

    it.each([
      ['on standard output', 'echo "  3 passing (2ms)"', 3],
      ['on standard error', 'echo "Tests:       3 passed, 3 total" >&2', 3],
      ['on both', 'echo "  3 passing (2ms)"; echo "Tests:       4 passed, 4 total" >&2', 7],
    ])('counts the tests that runners report %s', async (_, command, passed) => {
      on = await stepsOnTarget();
      const prepared = await on.prepare({ test: `${command}; node test.mjs` });
      expect(await on.facts(prepared)).toMatchObject({ tests: { passed }, guardTests: null });
      expect(prepared.summary).toContain(`${passed} ran and passed`);
    });

    it('says when the number of tests is not known', async () => {
      on = await stepsOnTarget();
      expect((await on.prepare()).summary).toContain('their number is not known: give testCount');
    });

    it.each<[string, object, RegExp]>([
      [
        'a pattern that finds no test',
        { testCount: { pattern: '^ran (\\d+)$' } },
        /testCount\.pattern: nothing in the output of the base's tests matches/,
      ],
      [
        'an exact metric that varies',
        { benchmark: { command: 'echo METRIC $(date +%s%N)', metric, noise: 'exact' } },
        /benchmark\.noise: is "exact", but two runs of the base gave/,
      ],
      [
        'an output that is not there',
        { benchmark: { command: 'echo METRIC 5', metric, output: { pattern: '^CHECK (.+)$' } } },
        /benchmark\.output/,
      ],
      [
        'an output that differs from run to run',
        {
          benchmark: {
            command: 'echo METRIC 5; echo CHECK $(date +%s%N)',
            metric,
            output: { pattern: '^CHECK (.+)$' },
          },
        },
        /benchmark\.output: two runs of the base with one BENCH_SEED computed "\d+" and "\d+"; /,
      ],
      [
        'a side metric that fails',
        { sideMetrics: [{ name: 'size', command: 'exit 3', metric }] },
        /sideMetrics\.size: ended with exit code 3/,
      ],
      [
        'a side metric without a number',
        { sideMetrics: [{ name: 'size', command: 'echo none', metric }] },
        /sideMetrics\.size\.metric/,
      ],
      [
        'an exact side metric that varies',
        { sideMetrics: [{ name: 'size', command: 'echo METRIC $(date +%s%N)', metric, noise: 'exact' }] },
        /sideMetrics\.size\.noise: is "exact"/,
      ],
    ])('refuses %s by its name', async (_, part, message) => {
      on = await stepsOnTarget();
      await expect(on.prepare(part)).rejects.toThrow(message);
      expect(await on.target.git('for-each-ref', 'refs/karpathy-loop')).toBe('');
    });

    it('takes an exact metric that repeats, and runs it twice with a seed and once without', async () => {
      on = await stepsOnTarget();
      const benchmark = { command: 'echo METRIC 5', metric, noise: 'exact' } as const;
      expect(await on.facts(await on.prepare({ benchmark }))).toMatchObject({ metric: 5 });
      expect(ran('echo METRIC 5')).toHaveLength(3);
    });

    it('takes an output that follows from BENCH_SEED, also where none is given', async () => {
      on = await stepsOnTarget();
      const command = 'echo METRIC 5; echo CHECK $BENCH_SEED';
      const prepared = await on.prepare({ benchmark: { command, metric, output: { pattern: '^CHECK (.+)$' } } });
      expect(ran(command).map(({ environment }) => environment['BENCH_SEED'])).toEqual(['1', '1', undefined]);
      expect(await on.facts(prepared)).toMatchObject({ unseeded: 'fails' });
    });

    describe('that fails its tests', () => {
      it('names the flag that tells more, and runs nothing outside without it', async () => {
        on = await stepsOnTarget();
        await expect(on.prepare({ test: 'echo why; exit 1' })).rejects.toThrow(
          /^test: fails on the base \w+ in the sandbox; .*run --check-outside.*exit code 1\n {2}why$/s,
        );
      });

      it('runs them once outside with leave, and tells a broken base from one that needs something from there', async () => {
        on = await stepsOnTarget();
        const outside: string[] = [];
        const host = { bash: findOnPath('bash'), prlimit: findOnPath('prlimit'), generated: join(on.data, 'sandbox') };
        on.resources.outside = (request) => {
          outside.push(request.command);
          return runUnsandboxed(host, request);
        };
        await expect(on.prepare({ test: 'exit 1' }, 'broken')).rejects.toThrow(
          'fails on the base inside and outside'.replace(
            'base',
            `base ${(await on.target.git('rev-parse', 'HEAD')).slice(0, 10)}`,
          ),
        );
        const needs = `test -e ${on.data}/source.mjs`;
        await expect(on.prepare({ test: needs }, 'needs')).rejects.toThrow(
          /in the sandbox and passes outside: it needs something that the sandbox does not give/,
        );
        await on.prepare({}, 'sound');
        expect(outside).toEqual(['exit 1', needs]);
      });
    });

    describe('with a guard', () => {
      const guarded = (command: string, more = {}) => {
        const directory = join(on.data, 'held-out');
        mkdirSync(directory, { recursive: true });
        writeFileSync(
          join(directory, 'guard.mjs'),
          "import { total } from '/repo/src/total.mjs';\nif (total([5, 6]) !== 11) process.exit(1);\nconsole.log('  2 passing (1ms)');\n",
        );
        on.resources.settings.guards = { hidden: { directory, command, ...more } };
        return directory;
      };

      it('keeps how many held-out tests ran, and looks again when they were changed', async () => {
        on = await stepsOnTarget();
        const directory = guarded('node "$GUARD/guard.mjs"');
        const prepared = await on.prepare({ guard: 'hidden' });
        expect(await on.facts(prepared)).toMatchObject({ tests: null, guardTests: { passed: 2 } });
        expect(prepared.summary).toContain('; guard hidden passed; ');
        writeFileSync(join(directory, 'guard.mjs'), "console.log('  13 passing (1ms)');\n");
        expect(await on.facts(prepared)).toMatchObject({ guardTests: { passed: 13 } });
      });

      it('refuses a base that fails it, without a word of its output', async () => {
        on = await stepsOnTarget();
        guarded('echo HELDOUT; echo HELDOUT >&2; exit 5');
        const failure = await on.prepare({ guard: 'hidden' }).catch((error: unknown) => String(error));
        expect(failure).toMatch(/guard: ended with exit code 5 on the base \w+; run its command by hand/);
        expect(failure).not.toContain('HELDOUT');
      });

      it('refuses a pattern of it that finds no test', async () => {
        on = await stepsOnTarget();
        guarded('true', { testCount: { pattern: 'ran (\\d+)' } });
        await expect(on.prepare({ guard: 'hidden' })).rejects.toThrow('its testCount.pattern');
      });
    });
  },
);
