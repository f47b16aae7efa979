import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../adapters/json-text.ts';
import { matchesGlob } from '../../../adapters/glob.ts';
import { whyNever } from '../../../domain/adoption/editable.ts';
import { whyByPerson } from '../../../domain/adoption/own-loop.ts';
import type { LoopConfig } from '../../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { parseWorkerSettings } from '../../../domain/config/worker-settings.ts';

const file = new URL('../../../examples/self/loop.json', import.meta.url);
const json = parseJson(readFileSync(file, 'utf8'), 'loop.json');
const given = { repository: '/product', ...((json.ok ? json.value : {}) as object) };

function configOf(more: object = {}): LoopConfig {
  const parsed = parseLoopConfig({ ...given, ...more });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.value;
}

const { benchmark } = configOf();

describe('a loop whose commits are adopted without a person', () => {
  it('has the terms of the product’s own loop, and chooses what it measures, its model and its length', () => {
    const choice = { iterations: 5, seed: 3, budget: { hours: 2 }, hypothesis: { source: 'tune' } };
    expect(whyByPerson(configOf(choice), configOf())).toBeNull();
    const other = { ...benchmark, command: benchmark.command.replace(/\S+$/, 'edits') };
    expect(whyByPerson(configOf({ benchmark: other }), configOf())).toBeNull();
  });

  it.each<[string, object]>([
    ['editable', { editable: ['domain/**'] }],
    ['test', { test: 'true' }],
    ['benchmark', { benchmark: { ...benchmark, command: 'echo METRIC ms=1' } }],
    ['benchmark', { benchmark: { ...benchmark, command: `${benchmark.command}; true` } }],
    ['benchmark', { benchmark: { ...benchmark, metric: { pattern: '^METRIC2 ms=(.+)$' } } }],
    ['unprotected', { unprotected: ['test/**'] }],
    ['setup', { setup: 'npm ci' }],
    ['build', { build: 'npm run build' }],
    ['falseCommitRate', { falseCommitRate: 0.5 }],
    ['minImprovement', { minImprovement: 0.0001 }],
    ['guard', { guard: 'name' }],
    ['limits', { limits: { testSeconds: 1 } }],
  ])('may have no other %s', (field, more) => {
    expect(whyByPerson(configOf(more), configOf())).toBe(
      `its "${field}" is another one than in examples/self/loop.json`,
    );
  });

  it('is let in by the owner of a worker alone, who has not unless he says so', () => {
    expect(parseWorkerSettings({})).toMatchObject({ ok: true });
    expect(parseWorkerSettings({})).not.toHaveProperty('value.autoAdopt');
    expect(parseWorkerSettings({ autoAdopt: '/product' })).toMatchObject({ ok: true });
    expect(parseWorkerSettings({ autoAdopt: true })).toMatchObject({ ok: false });
    for (const more of [
      { autoAdopt: '/product' },
      { hypothesis: { autoAdopt: true } },
      { budget: { autoAdopt: true } },
    ])
      expect(parseLoopConfig({ ...given, ...more })).toMatchObject({
        ok: false,
        problems: [expect.stringContaining('autoAdopt') as string],
      });
    for (const path of ['domain/config/worker-settings.ts', 'domain/adoption/own-loop.ts', 'examples/self/loop.json'])
      expect(whyNever(path, matchesGlob)).not.toBeNull();
  });
});
