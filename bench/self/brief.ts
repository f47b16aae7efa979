import { parseSource } from '../../adapters/parsers/parse.ts';
import { loopConfigSchema } from '../../domain/config/loop-config.ts';
import { toBrief, type BriefFacts } from '../../domain/proposal/brief.ts';
import { toQuestion } from '../../domain/proposal/prompt.ts';
import { madeUpRecords, pick, realSources } from './made-up.ts';
import type { Part } from './parts.ts';

const config = loopConfigSchema.parse({
  ...{ repository: '/repository', editable: ['src/**'], test: 'npm test' },
  benchmark: { command: 'node bench.mjs', metric: { pattern: '^METRIC ms=(.+)$' } },
});

const parseAll = () =>
  Promise.all(
    realSources().map(async (source) => ({ ...source, parsed: await parseSource(source.path, source.content) })),
  );
let parsed: ReturnType<typeof parseAll> | null = null;

/** Builds briefs and questions about real sources, in a loop of some hundred iterations. */
export async function brief(random: () => number): Promise<Part> {
  const sources = await (parsed ??= parseAll());
  const functions = sources.flatMap(({ path, parsed: tree }) =>
    (tree?.functions ?? []).map(({ name, start }) => ({ file: path, name, line: start })),
  );
  const records = madeUpRecords(
    random,
    300,
    sources.map(({ path }) => path),
  );
  const facts = Array.from({ length: 4 }, (_, index): BriefFacts => {
    const hotspots = Array.from({ length: 8 }, (_, at) => ({ ...pick(random, functions), share: 0.3 / (at + 1) }));
    const ref = { loopId: 'made-up', repository: '/repository', champion: 'a'.repeat(40), startedAt: '' };
    return {
      ...{
        loopId: 'made-up',
        config,
        records,
        sources,
        benchmark: [],
        log: '',
        runtime: () => ['Language: TypeScript'],
      },
      policy: { better: 'lower', minImprovement: 0.05 },
      input: { ...ref, iteration: 300 + index, hotspots, metric: 12, attempt: 0, previous: null },
    };
  });
  const run = () =>
    facts.map((one) => {
      const made = toBrief(one);
      const terms = { contextTokens: 16_384, speed: null };
      return [made, toQuestion(made, { ...terms, form: 'rewrite' }), toQuestion(made, { ...terms, form: 'blocks' })];
    });
  return { repeats: 16, run };
}
