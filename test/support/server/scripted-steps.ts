import { measuredText } from '../../../domain/verdict/gain.ts';
import type { RecordedVerdict } from '../../../domain/verdict/decision.ts';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { outcomeOf, type Objection } from '../../../domain/ledger/record.ts';
import type { PreparedLoop, StepName, Steps } from '../../../domain/steps.ts';
import { line } from '../../../domain/text.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import { stepNames } from '../step-names.ts';
import type { IterationEvent } from '../../../workflows/iteration-context.ts';

type Answer<S extends StepName> = Awaited<ReturnType<Steps[S]>>;

/** Steps that answer at once with what leads to a commit; `overrides` replaces some. */
export function scriptedSteps(queue: string, overrides: Partial<Steps> = {}): Steps {
  return {
    prepare: ({ loopId }) => Promise.resolve(scriptedPrepared(loopId, queue)),
    collect: () => Promise.resolve({ queue, profile: null, metric: 100, seconds: 1.5 }),
    analyze: () => Promise.resolve({ hotspots: [{ file: 'src/sum.js', name: 'sum', line: 3, share: 0.9 }] }),
    hypothesize: ({ iteration, attempt }) => Promise.resolve(proposal(iteration, attempt)),
    screen: ({ hypotheses }) => Promise.resolve({ kind: 'chosen', hypothesis: hypotheses[0]!, screened: [] }),
    apply: ({ iteration }) => Promise.resolve({ kind: 'applied', tree: `tree-${iteration}`, files: ['src/sum.js'] }),
    test: () => Promise.resolve({ kind: 'passed' }),
    benchmark: () => Promise.resolve({ kind: 'judged', verdict: scriptedVerdict('accepted', 0.8), objection: null }),
    challenge: () => Promise.resolve({ kind: 'withstood' }),
    commit: ({ iteration }) => Promise.resolve({ kind: 'committed', commit: `commit-${iteration}` }),
    rollback: ({ reason }) => Promise.resolve({ outcome: outcomeOf(reason), reason }),
    finish: () => Promise.resolve({ champion: 'champion-at-the-end', branchPending: null, headToHead: null }),
    ...overrides,
  };
}

export function scriptedPrepared(
  loopId: string,
  queue: string,
  limits: Partial<PreparedLoop['limits']> = {},
): PreparedLoop {
  return {
    loopId,
    repository: '/repository',
    queue,
    champion: 'base',
    baseSha: 'base',
    branch: `karpathy-loop/${loopId}`,
    nextIteration: 1,
    limits: { iterations: 3, hours: 8, tokens: 1_000_000, consecutiveFailures: 20, repairs: 0, ...limits },
    stepSeconds: Object.fromEntries(stepNames.map((step) => [step, 30])) as Record<StepName, number>,
    model: 'scripted',
    summary: 'A scripted loop.',
  };
}

export function scriptedVerdict(verdict: RecordedVerdict['verdict'], estimate: number): RecordedVerdict {
  const policy = { alpha: 0.001, minImprovement: 0.05, better: 'lower', noise: 'measured' } as const;
  const interval: [number, number] = [estimate - 0.02, estimate + 0.02];
  return {
    verdict,
    pairs: 20,
    logCapitalReal: 7,
    logCapitalBar: 1,
    estimate,
    interval,
    ...policy,
    reported: {
      ratio: estimate,
      interval,
      pairs: 8,
      isLoss: estimate > 1,
      text: measuredText({ ratio: estimate, interval, pairs: 8 }, policy),
    },
  };
}

export function proposal(iteration: number, attempt = 0): Answer<'hypothesize'> {
  const edits = [{ file: 'src/sum.js', search: 'let', replace: 'const' }];
  return { kind: 'hypothesis', hypothesis: { title: line`Idea ${iteration}.${attempt}`, edits }, tokens: 100 };
}

/** Two hypotheses for a screening. */
export function several(iteration: number): Hypothesis[] {
  return [0, 1].map((index) => ({ title: line`Idea ${iteration}, ${index + 1}`, edits: [{ file: 'a', content: '' }] }));
}

/**
 * What a step has to answer for this to be the event.
 * `cancelled` reports until the cancel arrives, which `cancel` has to ask for.
 */
export async function answerFor(
  step: StepName,
  { iteration, attempt = 0 }: { iteration: number; attempt?: number },
  event: IterationEvent,
  cancel: () => Promise<unknown>,
): Promise<unknown> {
  if (event.type === 'cancelled') {
    await cancel();
    return untilCancelled();
  }
  if (event.type === 'host-lost') throw ApplicationFailure.nonRetryable('no step can answer that its host is lost');
  if (event.type === 'infrastructure') throw ApplicationFailure.nonRetryable(event.detail);
  const { detail = '' } = event;
  const tree = `tree-${iteration}`;
  const refusedBy = (reason: Objection['reason'], verdict: RecordedVerdict): Answer<'benchmark'> => ({
    kind: 'judged',
    verdict,
    objection: { reason, detail },
  });
  const answers: Record<
    Exclude<IterationEvent['type'], 'cancelled' | 'infrastructure' | 'host-lost'>,
    Answer<StepName>
  > = {
    collected: { queue: Context.current().info.taskQueue, profile: null, metric: 100, seconds: 1.5 },
    'champion-failed': {
      kind: 'failed',
      reason: 'champion-failed',
      detail,
      queue: Context.current().info.taskQueue,
    },
    analyzed: { hotspots: [] },
    proposed: proposal(iteration, attempt),
    'no-hypothesis': { kind: 'none', detail, tokens: 10 },
    drawn: { kind: 'several', hypotheses: several(iteration), tokens: 100 },
    chosen: { kind: 'chosen', hypothesis: several(iteration)[1]!, screened: [] },
    applied: { kind: 'applied', tree, files: ['src/sum.js'] },
    'edit-refused': { kind: 'refused', reason: 'edit-refused', detail, tree: null },
    duplicate: { kind: 'refused', reason: 'duplicate', detail, tree },
    'build-failed': { kind: 'refused', reason: 'build-failed', detail, tree },
    passed: { kind: 'passed' },
    'tests-failed': { kind: 'failed', reason: 'tests-failed', detail },
    'guard-failed': { kind: 'failed', reason: 'guard-failed', detail },
    'behaviour-changed': { kind: 'failed', reason: 'behaviour-changed', detail },
    'tests-blind': { kind: 'failed', reason: 'tests-blind', detail },
    accepted: { kind: 'judged', verdict: scriptedVerdict('accepted', 0.8), objection: null },
    slower: refusedBy('slower', scriptedVerdict('rejected', 1.1)),
    'below-bar': refusedBy('below-bar', scriptedVerdict('rejected', 0.98)),
    undecided: refusedBy('undecided', scriptedVerdict('undecided', 0.98)),
    uncorroborated: refusedBy('uncorroborated', scriptedVerdict('rejected', 0.98)),
    'side-metric-worse': refusedBy('side-metric-worse', scriptedVerdict('accepted', 0.8)),
    'side-metric-unknown': refusedBy('side-metric-unknown', scriptedVerdict('accepted', 0.8)),
    'benchmark-failed': { kind: 'failed', reason: 'benchmark-failed', detail },
    withstood: { kind: 'withstood' },
    committed: { kind: 'committed', commit: `commit-${iteration}` },
    stale: { kind: 'stale', detail, champion: 'commit-elsewhere' },
    rolledBack: { outcome: 'rolledBack', reason: 'undecided' },
    failed: { outcome: 'failed', reason: 'infrastructure' },
    alreadyCommitted: { outcome: 'committed', reason: null, commit: `commit-${iteration}` },
  };
  const answer = answers[event.type];
  return step === 'screen' ? { screened: [], hypothesis: several(iteration)[0]!, ...answer } : answer;
}

/** Reports, as a long step does, until it is cancelled; then throws the cancel. */
export async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const report = setInterval(() => context.heartbeat(), 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(report);
  }
}
