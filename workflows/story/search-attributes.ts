import { upsertSearchAttributes, type ChildWorkflowOptions } from '@temporalio/workflow';
import { searchAttributes } from '../../domain/search-attributes.ts';
import type { HeadToHead, IterationResult, LoopRef } from '../../domain/steps.ts';
import type { RecordedVerdict } from '../../domain/verdict/decision.ts';
import { gainPercent } from '../../domain/verdict/gain.ts';

type Pairs = Extract<NonNullable<ChildWorkflowOptions['typedSearchAttributes']>, unknown[]>;

/** In characters: SQL databases hold 255. */
const maxKeyword = 250;

/** What a loop and each of its iterations are found by. */
export function loopAttributes({ loopId, repository }: LoopRef): Pairs {
  return [
    { key: searchAttributes.loop, value: loopId.slice(0, maxKeyword) },
    { key: searchAttributes.repository, value: repository.slice(0, maxKeyword) },
  ];
}

export function indexLoop(ref: LoopRef): void {
  upsertSearchAttributes(loopAttributes(ref));
}

export function indexOutcome({ outcome, reason }: IterationResult, verdict: RecordedVerdict | null): void {
  upsertSearchAttributes([
    { key: searchAttributes.outcome, value: outcome },
    ...(reason ? [{ key: searchAttributes.reason, value: reason }] : []),
    ...(verdict ? improvement(gainPercent(verdict.reported.ratio, verdict)) : []),
  ]);
}

export function indexHeadline(headToHead: HeadToHead): void {
  const pairs = improvement(gainPercent(headToHead.ratio, headToHead));
  if (pairs.length > 0) upsertSearchAttributes(pairs);
}

function improvement(percent: number | null): Pairs {
  return percent === null ? [] : [{ key: searchAttributes.improvement, value: percent }];
}
