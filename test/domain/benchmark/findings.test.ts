import { describe, expect, it } from 'vitest';
import type { BenchmarkFacts } from '../../../domain/benchmark/facts.ts';
import { benchmarkFindings, findingText, timeoutRemedy } from '../../../domain/benchmark/findings.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';

const pattern = (text: string) => ({ pattern: text });
const sound: BenchmarkFacts = {
  ...{ metric: 400, cpuMs: 500, wallMs: 520, quietMs: 8, startUp: { cpuMs: 40, wallMs: 45, of: 'node -e 0' } },
  ...{ isFixedTime: false, harness: null, compiling: {} },
};

function said(facts: Partial<BenchmarkFacts>, benchmark: object = {}, rest: Partial<LoopConfigInput> = {}): string[] {
  const command = { command: 'node bench.mjs', metric: pattern('(.+) ms'), output: pattern('CHECK (.+)') };
  const parsed = parseLoopConfig({
    ...{ repository: '/r', editable: ['src/**'], test: 'true' },
    ...rest,
    benchmark: { ...command, ...benchmark },
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return benchmarkFindings({ ...sound, ...facts }, parsed.value).map(findingText);
}

describe('what is said of a benchmark before the first pair', () => {
  it('is nothing where all is well', () => {
    expect(said({})).toEqual([]);
  });

  it('is loud where nothing checks what it computes', () => {
    const [line] = said({}, { output: undefined });
    expect(line).toMatch(/^output: UNCHECKED: .*; print a checksum .*"output": \{ "pattern": "\^CHECK \(\.\+\)\$" \}$/);
    expect(said({}, { output: undefined, noise: 'exact', unit: 'bytes' })[0]).toBe(line);
  });

  it('names numbers that no clock and no second process sees, but of programs that only count or print', () => {
    const unseen = { unit: 'bytes', noise: 'exact' };
    const side = (name: string, part: object) => ({ name, command: 'node size.mjs', metric: pattern('(.+)'), ...part });
    expect(said({}, unseen)).toEqual([
      'number: benchmark: no clock sees this number, and if the command runs edited code, that can print any other; print the result itself, and let a second command read the number out of it: "reader"',
    ]);
    expect(said({}, { clock: 'none' })[0]).toMatch(
      /^number: benchmark: .*; ask a clock, with "noise": "measured"; of what/,
    );
    expect(said({}, { ...unseen, reader: 'node read.mjs' })).toEqual([]);
    expect(said({}, { ...unseen, command: 'cat src/*.py | wc -c' })).toEqual([]);
    expect(said({}, { metric: undefined })).toEqual([]);
    const sideMetrics = [
      side('a', {}),
      side('b', { reader: 'wc -c' }),
      side('c', { command: 'wc -c src/a' }),
      side('d', {}),
    ];
    expect(said({}, {}, { sideMetrics })[0]).toMatch(/^number: sideMetrics\.a, sideMetrics\.d: no clock/);
  });

  it('names a benchmark that goes on after its last line', () => {
    expect(said({ quietMs: 130 })).toEqual([
      'end: 25 % of a run comes after its last line, and a candidate that ends it there looks complete; print number and checksum at the end, after all work and all checks',
    ]);
    for (const quietMs of [null, 0, 50]) expect(said({ quietMs })).toEqual([]);
    // A process needs as long to end as to start.
    expect(said({ quietMs: 44, wallMs: 100, cpuMs: 99, metric: 55 })).toEqual([]);
    expect(said({ quietMs: 400 }, { unit: 'bytes', noise: 'exact', reader: 'wc -c' })).toEqual([]);
  });

  it('names the harness that goes on for a fixed time, and how it does a fixed amount of work', () => {
    const rate = { unit: 'ops/s', better: 'higher' };
    expect(said({ isFixedTime: true, harness: 'tinybench' }, rate)[0]).toMatch(
      /^time: the benchmark repeats its work for a fixed time, .* none is committed; .*new Bench\(\{ iterations: 100, time: 0.*\(tinybench\); as a last resort set benchmark\.clock to "none"$/,
    );
    expect(said({ isFixedTime: true }, rate)[0]).toContain('a fixed number of repeats');
    expect(said({ isFixedTime: true }, { metric: undefined })[0]).not.toContain('last resort');
    expect(said({ isFixedTime: true }, { ...rate, clock: 'none' }).join()).not.toContain('time:');
  });

  it('has the share of the run that lies outside of the metric, from half on', () => {
    expect(said({ metric: 240 })).toEqual([]);
    expect(said({ metric: 115 })).toEqual([
      "share: 75 % of a run's CPU time after start-up lies outside of the metric: a left-out warm-up there could pay for a claim, and gains are counted by the whole run; repeat the measured part more often, or prepare less",
    ]);
    const compiling = { benchmark: { part: 'make', build: 'make', command: './bench' } };
    expect(said({ metric: 115, compiling }).at(-1)).toMatch(/prepare less, or build it once$/);
  });

  it('asks the clock of the metric’s kind for that share', () => {
    expect(said({ metric: 900, cpuMs: 300, wallMs: 1_000 })).toEqual([]);
    expect(said({ metric: 400, cpuMs: 300, wallMs: 1_045 })[0]).toContain("60 % of a run's wall time");
    expect(said({ metric: 100, wallMs: 1_045 }, { clock: 'wall' })[0]).toContain("90 % of a run's wall time");
  });

  it('has no share of what is no total time, or is asked of no clock', () => {
    for (const part of [
      { unit: 'ops/s', better: 'higher' },
      { unit: 'ms/op' },
      { unit: 'pages' },
      { clock: 'none' },
      { noise: 'exact' },
    ])
      expect(said({ metric: 20 }, part).join()).not.toContain('share:');
  });

  it('tells of a run that is start-up for the most part', () => {
    expect(said({ cpuMs: 70 }, { metric: undefined })[0]).toMatch(/^share: more than half of a run is start-up/);
  });

  it('tells of a metric that a clock can hardly see', () => {
    expect(said({ metric: 1, cpuMs: 41.5, wallMs: 46.5 })).toEqual([
      'length: the metric is about 1 ms in steps of 1, too coarse for a gain of 5.0 %; measure more work, or print more digits',
    ]);
    expect(said({ metric: 1.25, cpuMs: 41.5, wallMs: 46.5 })).toEqual([
      'length: the metric is 1.3 ms, hardly more than a clock can tell; measure more work, or repeat it, up to 0.1 to 1 s',
    ]);
  });

  it('says nothing of share or length where a harness prints the time of one repeat', () => {
    expect(said({ metric: 0.00051234 }).join()).toMatch(/share: .*length: /);
    expect(said({ metric: 512.34 }, { harness: 'go-bench', metric: { harness: 'go-bench' } })).toEqual([]);
  });

  it('gives the line that builds once, for benchmark and tests', () => {
    const compiling = {
      benchmark: { part: 'cargo run', build: 'cargo build', command: './target/debug/b' },
      test: { part: 'cargo test', build: 'cargo test --no-run', command: 'cargo test' },
    };
    expect(said({ compiling })).toEqual([
      'build: benchmark compiles in every run (cargo run); build it once: "build": "cargo build", "benchmark": { "command": "./target/debug/b", … }',
      'build: test compiles in every run (cargo test); build it once: "build": "cargo test --no-run", "test": "cargo test"',
    ]);
  });

  it('never says first to raise a limit', () => {
    const [line] = said({ wallMs: 9_000, cpuMs: 500 }, {}, { limits: { benchmarkSeconds: 10 } });
    expect(line).toMatch(
      /^limits: a run takes 9\.0 s of at most 10 s, .*; let it do less in a run; where it compiles, do that once in "build"; only then raise limits\.benchmarkSeconds$/,
    );
    const built = { part: 'make', build: 'make', command: './bench' };
    expect(timeoutRemedy('benchmark', built)).toContain(
      'build it once: "build": "make", "benchmark": { "command": "./bench"',
    );
    expect(timeoutRemedy('test', undefined)).toMatch(/only then raise limits\.testSeconds$/);
  });
});
