import { expect, it } from 'vitest';
import { toAsked, type AskedQuestion } from '../../../domain/ledger/asked.ts';
import { renderIteration } from '../../../domain/ledger/iteration-text.ts';
import { outcomeText } from '../../../domain/ledger/reason-text.ts';
import { parseRecord, type Evidence, type IterationRecord } from '../../../domain/ledger/record.ts';
import { defaultPolicy, type RecordedVerdict } from '../../../domain/verdict/decision.ts';
import { toVerdict } from '../../../domain/verdict/verdict.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';

const pairs = [
  [100, 99],
  [102, 102.5],
  [101, 103],
].map(([champion, candidate], at): MeasuredPair => {
  const pair = [champion!, candidate!] as const;
  return { first: at % 2 === 0 ? 'champion' : 'candidate', pair, cpuMs: pair, wallMs: pair, benchSeed: at };
});
const verdict: RecordedVerdict = {
  ...toVerdict(pairs, { policy: defaultPolicy, clock: null }),
  verdict: 'rejected',
};
const record = parseRecord(
  JSON.stringify({
    version: 1,
    loopId: 'demo-1',
    iteration: 3,
    outcome: 'rolledBack',
    reason: 'below-bar',
    detail: '1.5 % worse; 5.0 % better is not proved\nsecond line',
    startedAt: '2026-01-02T03:04:05.000Z',
    champion: 'a'.repeat(40),
    candidate: { tree: 'd'.repeat(40), commit: null },
    hypothesis: {
      title: 'Sort first',
      rationale: 'Sorted input branches less.',
      files: ['src/a.js'],
      target: 'src/a.js: sum',
    },
    model: 'ollama coder:7b',
    attempts: 2,
    tokens: 1_234,
    seconds: 45.4,
    spent: { model: 30.2, benchmark: 9.5, waiting: 2 },
    verdict,
    sandbox: 'bubblewrap',
  }),
);
const evidence: Evidence = {
  version: 1,
  seed: 1,
  unit: 'ms',
  policy: defaultPolicy,
  pairs,
  fresh: [],
  corroboration: null,
  unseeded: null,
  side: [],
  failure: null,
};
const question: AskedQuestion<string> = {
  ...{ attempt: 0, sample: 0, isAgain: false, problem: null, tokens: 617 },
  ...{ system: 'You write code.', prompt: 'Make sum faster.', answer: 'Title: Sort first' },
};
const asked = toAsked([question, { ...question, attempt: 1, answer: '', problem: 'answer: none came' }]);
const diff = '--- a/src/a.js\n+++ b/src/a.js\n-sum(items)\n+sum(items.sort())\n';

it('An iteration is told whole: outcome in plain words, figures, costs, diff, each pair, prompts and answers.', () => {
  const text = renderIteration({ record, diff, evidence, asked });
  expect(text).toContain(
    [
      'iteration 3 of loop demo-1',
      'outcome   rolled back (below-bar): the gain that is asked for was not proved',
      'title     Sort first',
      'why       Sorted input branches less.',
      'target    src/a.js: sum',
      'files     src/a.js',
      'detail    1.5 % worse; 5.0 % better is not proved',
      '          second line',
      '',
    ].join('\n'),
  );
  expect(text).toMatch(/^measured {2}0\.5 % worse \(95 % .*, 3 pairs\), ms$/m);
  expect(text).toContain('\ndecision  given up after 3 pairs: 5.0 % better is not to be expected\n');
  expect(text).toContain(
    '\ncost      2 hypotheses asked for, 1234 tokens, 45 s (model 30 s, benchmark 9.5 s); beside it 2.0 s waiting for the machine\n',
  );
  expect(text).toContain(`\n--- diff\n${diff}\n--- pairs\n`);
  expect(text).toMatch(/^1 {2}100 {7}99 {9}0\.9900 {16}champion\n2 {2}102 {7}102\.5 {6}1\.0049 {16}candidate$/m);
  expect(text).toContain(
    '\n--- system\nYou write code.\n\n--- prompt\nMake sum faster.\n\n--- answer\nTitle: Sort first\n',
  );
  expect(text).toContain('\n--- answer (repair 1)\nanswer: none came\n');
});

it('What is not in the record is said: no answer, no diff, no pairs.', () => {
  const text = renderIteration({ record, diff: null, evidence: null, asked: null });
  expect(text).not.toContain('--- diff');
  expect(text).not.toContain('--- pairs');
  expect(text).toContain(
    '--- prompt and answer\nnot in the record: ollama coder:7b was asked nothing for this iteration, or on a host that was lost\n',
  );
});

it('A commit is told with both kinds of pairs, and a forged reason as it stands.', () => {
  const committed: IterationRecord = {
    ...record,
    outcome: 'committed',
    reason: null,
    candidate: { tree: 'd', commit: 'e'.repeat(40) },
    verdict: { ...verdict, verdict: 'accepted', reported: { ...verdict.reported, pairs: 8 } },
  };
  const text = renderIteration({ record: committed, diff, evidence, asked });
  expect(text).toContain('\noutcome   committed\n');
  expect(text).toContain(
    '\ndecision  accepted after 3 pairs, 8 fresh ones give the gain; a change without any gain is with a chance of at most 0.001\n',
  );
  expect(text).toContain(`\ncommit    ${'e'.repeat(40)}\n`);
  expect(outcomeText('rolledBack', 'toString' as never)).toBe('rolled back (toString)');
});
