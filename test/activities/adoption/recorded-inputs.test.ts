import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openClone } from '../../../adapters/git/clone.ts';
import { readRecordedInputs } from '../../../activities/adoption/recorded-inputs.ts';
import type { WorkerContext } from '../../../activities/loop/resources.ts';
import { writeAtomically } from '../../../store/files.ts';
import { dataPaths, iterationPaths, loopPaths } from '../../../store/layout.ts';
import { createRepository, type TestRepository } from '../../support/repository/repository.ts';

let repository: TestRepository;
let dataDirectory: string;
beforeEach(async () => {
  repository = await createRepository({ 'records/0/1.json': '{"iteration":1}', 'records/0/1.evidence.json': '{}' });
  dataDirectory = await mkdtemp(join(tmpdir(), 'karpathy-loop-recorded-'));
});
afterEach(async () => {
  await repository.remove();
  await rm(dataDirectory, { recursive: true, force: true });
});

it('Recorded inputs are the records of all ledgers, and the briefs of the newest iterations with their answers.', async () => {
  const context = { worker: { dataDirectory } } as WorkerContext;
  const clone = await openClone(dataDirectory, repository.path);
  const read = () => readRecordedInputs(context, clone, repository.path);
  expect(await read()).toEqual({ ledgers: [], asked: [] });
  await repository.git('update-ref', 'refs/karpathy-loop/a/ledger', 'HEAD');
  for (let iteration = 1; iteration <= 10; iteration++) {
    const paths = iterationPaths(loopPaths(dataPaths(dataDirectory).loop('a')).iteration(iteration));
    await writeAtomically(paths.brief(0), `{"iteration":${iteration}}`);
    if (iteration < 10) await writeAtomically(paths.answer(0), '{"text":"no"}');
  }
  const { ledgers, asked } = await read();
  expect(ledgers).toEqual([{ loopId: 'a', records: ['{"iteration":1}'] }]);
  expect(asked).toHaveLength(8);
  expect(asked.slice(0, 2)).toEqual([
    { name: 'a/iter-10', brief: '{"iteration":10}', answer: null },
    { name: 'a/iter-9', brief: '{"iteration":9}', answer: '{"text":"no"}' },
  ]);
});
