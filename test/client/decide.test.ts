import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../domain/decision.ts';
import { call } from '../support/command-line.ts';

type Words = typeof words;
type GoldenVector = Record<'used' | 'logK0' | 'logK5' | 'estimate', number> &
  Partial<Record<'a0' | 'minImprovement', number>> & { pairs: [number, number][]; verdict: keyof Words; interval: [number, number] };

const { vectors } = JSON.parse(readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8')) as { vectors: GoldenVector[] };
const words = { accept: 'accepted', reject: 'rejected', undecided: 'undecided', continue: 'continue' };

describe('karpathy-loop decide', () => {
  it.each(vectors.map((vector, index) => ({ index, vector })))('reproduces golden vector $index to 1e-9', async ({ vector }) => {
    const { pairs, a0, minImprovement } = vector;
    const { code, stdout, stderr } = await call(['decide'], { input: JSON.stringify({ pairs, a0, minImprovement }) });
    expect([code, stderr]).toEqual([0, '']);
    const decision = JSON.parse(stdout) as Decision;
    expect(Object.keys(decision)).toEqual(['verdict', 'pairs', 'logCapitalReal', 'logCapitalBar', 'estimate', 'interval']);
    expect([decision.verdict, decision.pairs]).toEqual([words[vector.verdict], vector.used]);
    const { logK0, logK5, estimate, interval } = vector;
    const close = ([value, wanted]: [number, number]) => Math.abs(value - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
    const figures: [number, number][] = [
      [decision.logCapitalReal, logK0],
      [decision.logCapitalBar, logK5],
      [decision.estimate, estimate],
      ...decision.interval.map((end, side): [number, number] => [end, interval[side]!]),
    ];
    expect(figures.filter((figure) => !close(figure))).toEqual([]);
  });

  it('judges a throughput when told that higher is better', async () => {
    const { stdout } = await call(['decide'], { input: JSON.stringify({ pairs: Array(20).fill([100, 130]), better: 'higher' }) });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'accepted', estimate: 100 / 130 });
  });

  it.each([
    ['', 'error: standard input:1:1: the file is empty; expected a value\n'],
    ['[]', 'error: standard input: is not a JSON object; give '],
    ['{"pairs": [[1, 2],]}', 'error: standard input:1:19: a comma stands before the closing bracket; expected a value\n'],
    ['{}', 'error: pairs: is not a list; give '],
    ['{"pairs": [[1, 2], [1, 0]]}', 'error: pairs.1: is [1,0]; give [champion, candidate], two numbers above 0\n'],
    ['{"pairs": [[1, "2"]]}', 'error: pairs.0: is [1,"2"]; give [champion, candidate], two numbers above 0\n'],
    ['{"pairs": [], "a0": 1}', 'error: a0: is 1; give a number between 0 and 1\n'],
    ['{"pairs": [], "minImprovement": "5 %"}', 'error: minImprovement: is "5 %"; give a number between 0 and 1\n'],
    ['{"pairs": [], "bar": 0.9}', 'error: bar: unknown field; known here: pairs, minImprovement, a0, better\n'],
  ])('refuses %j with exit code 2 and one line', async (input, line) => {
    const { code, stdout, stderr } = await call(['decide'], { input });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.slice(0, line.length)).toBe(line);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  });
});
