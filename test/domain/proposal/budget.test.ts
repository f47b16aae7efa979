import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loopConfigSchema } from '../../../domain/config/loop-config.ts';
import { toBrief } from '../../../domain/proposal/brief.ts';
import { formFor } from '../../../domain/proposal/form.ts';
import { toQuestion } from '../../../domain/proposal/prompt.ts';
import { pack, type Part } from '../../../domain/proposal/question/pack.ts';
import { countTokens } from '../../../domain/proposal/question/tokens.ts';

const config = loopConfigSchema.parse({
  ...{ repository: '/r', editable: ['**'], test: 'true', benchmark: { command: 'node bench.mjs' } },
});
const part = (name: string, size: number): Part => ({ name, text: 'word '.repeat(size), place: size });

it('takes all needed parts or fails, and of the others the first that fit', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 8 });
  const room = fc.record({ limit: fc.integer({ min: 1, max: 1_000 }), budget: fc.integer({ min: 1, max: 1_500 }) });
  fc.assert(
    fc.property(sizes, sizes, room, (needed, rest, { limit, budget }) => {
      const parts = [needed.map((size, n) => part(`n${n}`, size)), rest.map((size, n) => part(`r${n}`, size))] as const;
      const packed = pack(...parts, { limit, budget, scale: 1 });
      const least = needed.reduce((sum, size) => sum + countTokens('word '.repeat(size)) + 2, 0);
      if (!packed.ok) return void expect(least).toBeGreaterThan(limit);
      const names = packed.value.map(({ name }) => name);
      const total = packed.value.reduce((sum, { tokens }) => sum + tokens, 0);
      expect(total).toBeLessThanOrEqual(limit);
      expect(names.filter((name) => name.startsWith('n'))).toHaveLength(needed.length);
      const taken = names.filter((name) => name.startsWith('r')).sort();
      expect(taken).toEqual(parts[1].slice(0, taken.length).map(({ name }) => name));
      if (taken.length > 0) expect(total).toBeLessThanOrEqual(budget);
    }),
  );
});

it('never exceeds the context, and shows the code whole', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'x1', '(', ' ', '\n', 'é', '漢', '0', 'word'),
    maxLength: 3_000,
  });
  const terms = fc.record({
    contextTokens: fc.integer({ min: 512, max: 8_192 }),
    form: fc.constantFrom('rewrite' as const, 'blocks' as const),
    speed: fc.option(fc.record({ read: fc.integer({ min: 1, max: 900 }), write: fc.constant(10) })),
  });
  fc.assert(
    fc.property(text, terms, fc.option(fc.string({ maxLength: 500 })), (content, bounds, hint) => {
      const hotspots = [{ file: 'a.rb', name: null, line: null, share: 1 }];
      const ref = { loopId: 'l', repository: '/r', iteration: 1, champion: 'c', startedAt: '', ...(hint && { hint }) };
      const brief = toBrief({
        ...{
          loopId: 'l',
          config,
          policy: { better: 'lower', minImprovement: 0.05 },
          records: [],
          benchmark: [],
          log: '',
        },
        sources: [{ path: 'a.rb', content, parsed: null }],
        input: { ...ref, hotspots, metric: 1, attempt: 0, previous: null },
        runtime: () => [],
      });
      const asked = toQuestion(brief, bounds);
      if (!asked.ok) return void expect(asked.problems[0]).toMatch(/^hypothesis.contextTokens: .* for "/);
      const { parts, prompt, maxTokens } = asked.value;
      expect(prompt).toContain(content);
      expect(parts.reduce((sum, { tokens }) => sum + tokens, maxTokens)).toBeLessThanOrEqual(bounds.contextTokens);
    }),
  );
});

it('gives up blocks after two answers in a row that could not be read or placed', () => {
  expect(formFor('blocks', ['no-hypothesis', 'slower', 'edit-refused'])).toBe('blocks');
  expect(formFor('blocks', ['slower', 'no-hypothesis', 'edit-refused', null])).toBe('rewrite');
  expect(formFor('rewrite', ['no-hypothesis', 'no-hypothesis'])).toBe('rewrite');
});
