import { expect, it } from 'vitest';
import { iterationId, parseIterationId, workflowTypes } from '../../domain/names.ts';
import * as workflows from '../../workflows/index.ts';

it('names the workflows as workflows/index.ts exports them', () => {
  expect([...Object.values(workflowTypes), 'default'].toSorted()).toEqual(Object.keys(workflows).toSorted());
});

it('reads the id of an iteration that it wrote, whatever the loop is called', () => {
  for (const loopId of ['words', 'a/iter-2', 'mine/2'])
    expect(parseIterationId(iterationId(loopId, 13))).toEqual({ loopId, iteration: 13 });
  for (const other of ['words', 'words/iter-', 'words/iter-1x']) expect(parseIterationId(other)).toBeNull();
});
