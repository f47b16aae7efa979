import { readdirSync, readFileSync } from 'node:fs';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseHistory } from '../support/server/histories.ts';
import { copiedBundle } from '../support/server/modified-workflows.ts';
import { workflowBundle } from '../support/server/temporal.ts';

/** Recorded by record-histories.ts. One that does not replay is a loop that an update of this code would break overnight. */
const directory = new URL('histories/', import.meta.url);
const names = readdirSync(directory);
const read = (name: string) => readFileSync(new URL(name, directory), 'utf8');
const replay = async (history: string) =>
  Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, parseHistory(history));

describe('the workflows of today', () => {
  beforeAll(
    () =>
      void Runtime.install({
        logger: new DefaultLogger('ERROR'),
        telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
      }),
  );

  it.each(names)('replay %s', async (name) => {
    await replay(read(name));
  });

  it('would not replay once a step is added to an iteration, though a copy without that change does', async () => {
    const history = parseHistory(read('iteration-committed.json'));
    await Worker.runReplayHistory({ workflowBundle: await copiedBundle({ incompatible: false }) }, history);
    const changed = await copiedBundle({ incompatible: true });
    await expect(Worker.runReplayHistory({ workflowBundle: changed }, history)).rejects.toMatchObject({
      name: 'DeterminismViolationError',
    });
  });

  it('would not replay a history of another order', async () => {
    const other = read('iteration-committed.json').replaceAll('"name": "benchmark"', '"name": "test"');
    await expect(replay(other)).rejects.toThrow(/nondeterminism|determinism/i);
  });

  it('have histories of both types that tell nothing of the machine they were recorded on', () => {
    expect(names.filter((name) => name.startsWith('loop'))).not.toHaveLength(0);
    expect(names.filter((name) => name.startsWith('iteration'))).not.toHaveLength(0);
    for (const name of names) expect(read(name)).not.toMatch(/"stackTrace": "[^"]|"identity": "(?!recorded)/);
  });
});
