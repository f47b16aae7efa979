import { expect, it } from 'vitest';
import type { PickAnswer } from '../../../domain/checks.ts';
import { pullRequest } from '../../../domain/ledger/pull-request.ts';
import { parseRecord } from '../../../domain/ledger/record.ts';
import { defaultPolicy, type RecordedVerdict } from '../../../domain/verdict/decision.ts';

const verdict: RecordedVerdict = {
  ...defaultPolicy,
  ...{ verdict: 'accepted', pairs: 14, logCapitalReal: 8, logCapitalBar: 3, estimate: 0.87, interval: [0.84, 0.91] },
  reported: { ratio: 0.877, interval: [0.84, 0.91], pairs: 8, isLoss: false, text: '' },
};
const recordOf = (iteration: number, title: string, rationale: string) =>
  parseRecord(
    JSON.stringify({
      ...{
        version: 1,
        loopId: 'demo',
        iteration,
        outcome: 'committed',
        reason: null,
        detail: '',
        model: 'ollama m',
        verdict,
      },
      candidate: { tree: 't', commit: String(iteration).repeat(40) },
      hypothesis: { title, rationale, files: ['src/a.js'] },
    }),
  );
const records = [
  recordOf(2, 'Cache @all | <b>sums</b>', 'fixes #1\n```\n# no heading'),
  recordOf(5, 'Sort `once`', ''),
];
const picked: PickAnswer = {
  ...{ loopId: 'demo', branch: 'demo-pick-2-5', commit: 'e'.repeat(40), verdict: 'confirmed', seed: 1, samples: [] },
  commits: [
    { iteration: 2, original: '2'.repeat(40), commit: '2'.repeat(40) },
    { iteration: 5, original: '5'.repeat(40), commit: 'e'.repeat(40) },
  ],
  headToHead: {
    ...{ base: 'a'.repeat(40), champion: 'e'.repeat(40), pairs: 20, ratio: 0.77, interval: [0.75, 0.79] },
    ...{ better: 'lower', unit: 'ms' },
  },
  ...{ isGuarded: true, sandbox: 'bubblewrap' },
};

it('The text has a title, the gain of all together, each commit with its evidence, and how to measure it again.', () => {
  const text = pullRequest(picked, records);
  expect(text).toContain('# `Cache @all | <b>sums</b>` and 1 more: 23.0 % better (ms)\n');
  expect(text).toContain(
    '**All together: 23.0 % better (95 % +21.0 % to +25.0 %, 20 pairs), ms**: aaaaaaaaaa against eeeeeeeeee',
  );
  expect(text).toContain('All tests and held-out tests of the base pass; everything ran in a sandbox.\n');
  expect(text).toContain(
    [
      '| 2 | 2222222222 | 12.3 % better | +9.0 % to +16.0 % | 14 + 8 | `Cache @all \\| <b>sums</b>` |',
      '| 5 | eeeeeeeeee | 12.3 % better | +9.0 % to +16.0 % | 14 + 8 | `` Sort `once` `` |',
    ].join('\n'),
  );
  expect(text).toContain('````\nfixes #1\n```\n# no heading\n````\n');
  expect(text).toContain(
    '\nkarpathy-loop verify demo-pick-2-5\nkarpathy-loop show 2 --loop demo\nkarpathy-loop show 5 --loop demo\n',
  );
  expect(text).not.toContain('**Note:**');
});

it('What was not shown, and what ran without a sandbox, is said.', () => {
  const text = pullRequest({ ...picked, verdict: 'undetermined', isGuarded: false, sandbox: 'none' }, records);
  expect(text).toContain('**Note:** the interval holds both gain and loss.\n');
  expect(text).toContain('All tests of the base pass; everything ran **without a sandbox**.\n');
});

it('lets a unit make no picture, mention or mark-up', () => {
  const unit = 'ms) ![x](http://a.example/p) @all';
  const text = pullRequest({ ...picked, headToHead: { ...picked.headToHead, unit } }, records);
  expect(text.replace(/`[^`]*`/g, '')).not.toMatch(/!\[|@all/);
  expect(text).toContain(`\`${unit}\``);
});
