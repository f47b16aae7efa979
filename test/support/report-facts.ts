import { progressOf } from '../../domain/ledger/page/progress.ts';
import { parseRecord, type Evidence } from '../../domain/ledger/record.ts';
import { report } from '../../domain/ledger/report.ts';
import type { Plan } from '../../domain/config/plan.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { defaultPolicy } from '../../domain/verdict/decision.ts';
import { toVerdict } from '../../domain/verdict/verdict.ts';
import type { MeasuredPair } from '../../domain/verdict/pair.ts';
import type { ReportFacts } from '../../client/report/read-report.ts';

const base = 'a'.repeat(40);

/** Facts of a report whose every foreign text is `text`: a commit, a loss, and an iteration without a hypothesis. */
export function reportFactsWith(text: string): ReportFacts {
  const pairs = [0.8, 0.82, 0.79, 0.81, 0.8, 0.83, 0.8, 0.8, 0.81, 0.79, 0.8, 0.8].map((ratio): MeasuredPair => {
    const pair = [100, 100 * ratio] as const;
    return { first: 'champion', pair, cpuMs: pair, wallMs: pair, benchSeed: 1 };
  });
  const slow = pairs.map((one) => ({ ...one, pair: [one.pair[1], one.pair[0]] as const }));
  const evidenceOf = (measured: MeasuredPair[]) =>
    ({
      ...{ version: 1, seed: 1, unit: text, policy: defaultPolicy, pairs: measured, fresh: [], corroboration: null },
      ...{ unseeded: null, side: [], failure: null },
    }) as Evidence;
  const common = {
    version: 1,
    loopId: text,
    model: text,
    attempts: 1,
    tokens: 10,
    sandbox: 'bubblewrap',
    detail: text,
  };
  const spent = { model: 1, benchmark: 2, waiting: 0 };
  const hypothesis = { title: text, rationale: text, files: [text], target: text };
  const recordOf = (fields: object) =>
    parseRecord(JSON.stringify({ ...common, champion: base, seconds: 3, spent, hypothesis, ...fields }));
  const verdictOf = (measured: MeasuredPair[]) => toVerdict(measured, { policy: defaultPolicy, clock: null });
  const replay = { edited: 2, covered: 1, calls: 5, leftOut: [{ name: text, why: text }] };
  const broken = { functions: [text], notCovered: [text], leftOut: [], runs: 1 };
  const records = [
    recordOf({
      ...{ iteration: 1, outcome: 'committed', reason: null, verdict: verdictOf(pairs), replay, broken },
      candidate: { tree: 'c'.repeat(40), commit: 'b'.repeat(40) },
    }),
    recordOf({
      ...{ iteration: 2, outcome: 'rolledBack', reason: 'slower', verdict: verdictOf(slow), champion: 'b'.repeat(40) },
      candidate: { tree: 'd'.repeat(40), commit: null },
    }),
    recordOf({
      iteration: 3,
      outcome: 'failed',
      reason: 'no-hypothesis',
      verdict: null,
      candidate: null,
      hypothesis: null,
    }),
  ];
  const config = parseLoopConfig({
    ...{ repository: '/target', editable: ['src/**'], test: text || 'true', unprotected: ['src/a.mjs'] },
    benchmark: { command: text || 'true', metric: { pattern: '^METRIC ms=([0-9.]+)$' } },
  });
  if (!config.ok) throw new Error(config.problems.join('\n'));
  const plan = { version: 1, loopId: text, config: config.value, baseSha: base, branch: text, alpha: 0.001 } as Plan;
  const headToHead = {
    ...{ base, champion: 'b'.repeat(40), pairs: 20, ratio: 0.8, better: 'lower' as const, unit: text },
    interval: [0.75, 0.85] as [number, number],
  };
  const told = report(text, records, headToHead, plan);
  const evidence = new Map([
    [1, evidenceOf(pairs)],
    [2, evidenceOf(slow)],
  ]);
  const diff = `diff --git a/${text} b/${text}\n--- a/${text}\n+++ b/src/${text}.mjs\n@@ -1,2 +1,2 @@ ${text}\n ${text}\n-${text}\n+const x = \`${text}\`;\n`;
  const spot = { file: text, name: text, line: 1, share: 0.5 };
  const hotspots = new Map([
    [base, [spot]],
    ['b'.repeat(40), [{ ...spot, share: 0.2 }]],
  ]);
  return {
    ...{ report: told, plan, head: 'e'.repeat(40), repository: `/target/${text}`, place: text },
    progress: progressOf(told, evidence, base),
    beside: { diffs: new Map([[1, diff]]), evidence, hotspots },
  };
}
