import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loopIdOf, nextId } from '../../../client/loops/loop-id.ts';
import type { LoopConfig } from '../../../domain/config/loop-config.ts';
import { isRefName } from '../../../domain/loop-id.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';

const written = {
  repository: '/srv/Some Project.git',
  editable: ['src/**'],
  test: 'npm test',
  benchmark: { command: 'node bench.mjs', metric: { pattern: '^METRIC ms=([0-9.]+)$' }, unit: 'ms' },
  hypothesis: { source: 'ollama', model: 'm', repairs: 2 },
  seed: 3,
};

describe('loopIdOf', () => {
  it('is a slug of the repository and eight hex digits', () => {
    expect(loopIdOf(parse(written))).toMatch(/^some-project-[0-9a-f]{8}$/);
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.keys(written), { minLength: Object.keys(written).length }),
        fc.boolean(),
        (keys, deep) => {
          const reordered = Object.fromEntries(
            keys.map((key) => [
              key,
              deep ? reversed(written[key as keyof typeof written]) : written[key as keyof typeof written],
            ]),
          );
          expect(loopIdOf(parse(reordered))).toBe(loopIdOf(parse(written)));
        },
      ),
    );
  });

  it('leaves out the branch and the schema, and takes a written default for the default', () => {
    const same = { ...written, branch: 'mine', $schema: './schema.json', iterations: 50 };
    expect(loopIdOf(parse(same))).toBe(loopIdOf(parse(written)));
  });

  it.each([
    { base: 'main' },
    { seed: 4 },
    { iterations: 51 },
    { editable: ['src/**', 'lib/**'] },
    { repository: '/srv/b/some-project' },
  ])('changes with %j', (change) => {
    expect(loopIdOf(parse({ ...written, ...change }))).not.toBe(loopIdOf(parse(written)));
  });

  it('is a plain name that git takes, whatever the repository is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (name, turn) => {
        const id = nextId(loopIdOf({ ...parse(written), repository: `/srv/${name}` }), turn);
        expect(isRefName(`refs/karpathy-loop/${id}/ledger`)).toBe(true);
        expect(id).toMatch(/^[a-z0-9-]+$/);
      }),
    );
  });
});

function parse(input: unknown): LoopConfig {
  const parsed = parseLoopConfig(input);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.value;
}

function reversed(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).reverse())
    : value;
}
