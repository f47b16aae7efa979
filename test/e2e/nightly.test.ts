import { execa } from 'execa';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { toLoopId } from '../../domain/loop-id.ts';
import { toLine } from '../../domain/text.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../support/command-line.ts';
import { createTarget, scriptedSource, sumInRounds, targetConfig } from '../support/repository/target.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { startServer, temporalBinary } from '../support/server/temporal.ts';
import { createDataDirectory, startWorkerProcess } from '../support/server/worker-process.ts';

const files = {
  'src/total.mjs': sumInRounds('total', 300),
  'src/more.mjs': sumInRounds('more', 300),
  'test.mjs': [
    "import assert from 'node:assert';",
    "import { total } from './src/total.mjs';",
    "import { more } from './src/more.mjs';",
    'for (const sum of [total, more]) assert.deepEqual([sum([1, 2, 3]), sum([])], [6, 0]);',
    '',
  ].join('\n'),
};
const inFewer = (name: 'total' | 'more') => ({
  title: toLine(`Fewer rounds of ${name}`),
  edits: [{ file: `src/${name}.mjs`, search: 'const ROUNDS = 300;', replace: 'const ROUNDS = 100;' }],
});
const benchmark = {
  command: `awk '/^const ROUNDS/ { sum += $4 } END { print "METRIC ROUNDS = " sum ";" }' src/*.mjs`,
  metric: { pattern: '^METRIC ROUNDS = ([0-9]+);$' },
  unit: 'rounds',
  noise: 'exact',
} as const;

describeWithServer('nightly loops on a moving branch', () => {
  let server: TestWorkflowEnvironment;
  beforeAll(async () => void (server = await startServer()));
  afterAll(() => server.teardown());

  it('go on from what the night before has committed, leave out what no longer applies, and never run two at once', async () => {
    const data = createDataDirectory();
    const target = await createTarget(files);
    const { command } = scriptedSource(data.path, [inFewer('total'), inFewer('more')]);
    const settings = { repositories: [target.path], commandSources: { script: { command } } };
    const worker = await startWorkerProcess(server.address, data.path, settings);
    const place = ['--address', server.address, '--namespace', server.namespace ?? 'default'];
    const temporal = (...args: string[]) => execa(temporalBinary, ['schedule', ...args, ...place]);
    const seen = new Set<string>();

    /** Fires the schedule, twice at once, and returns what its one loop has recorded. */
    async function night(): Promise<{ result: LoopResult; records: IterationRecord[]; notes: string[] }> {
      await temporal('trigger', '-s', 'nightly');
      const begun = async () => {
        const { info } = await server.client.schedule.getHandle('nightly').describe();
        return [...info.runningActions.map(({ workflow }) => workflow.workflowId)].find((id) => !seen.has(id));
      };
      await expect.poll(begun).toBeDefined();
      const id = (await begun())!;
      seen.add(id);
      await temporal('trigger', '-s', 'nightly');
      const result = (await server.client.workflow.getHandle(id).result()) as LoopResult;
      const loopId = toLoopId(id);
      expect(result.loopId).toBe(loopId);
      const records = [1, 2].map(async (n) => {
        const text = await target.git('show', `refs/karpathy-loop/${loopId}/ledger:records/0/${n}.json`);
        return JSON.parse(text) as IterationRecord;
      });
      return { result, records: await Promise.all(records), notes: result.notes };
    }

    try {
      const config = targetConfig(target.path, { base: 'main', iterations: 2, profile: 'none', benchmark });
      writeFileSync(join(data.path, 'loop.json'), JSON.stringify(config));
      const flags = ['--id', 'nightly', '--cron', '0 22 1 1 *', '--data', data.path, '--address', server.address];
      expect(await call(['schedule', 'create', data.path, ...flags])).toMatchObject({ code: 0, stderr: '' });

      const first = await night();
      expect(first.records.map(({ outcome }) => outcome)).toEqual(['committed', 'committed']);

      const moved = await target.commit({ 'src/total.mjs': sumInRounds('total', 280) }, 'Fewer rounds, by hand');
      const second = await night();
      const told = `continues: 1 of 2 commits of ${first.result.loopId} are tried in iteration 1 on this base, together, and dropped together if they fail; left out, since they no longer apply: `;
      expect(second.notes.join('\n')).toContain(told);
      expect(second.notes.join('\n')).toContain('Fewer rounds of total');
      expect(second.records[0]).toMatchObject({
        outcome: 'committed',
        champion: moved,
        hypothesis: { title: `Carry over 1 of 2 commits of ${first.result.loopId}` },
      });

      await target.commit({ 'README.md': 'A target.\n' }, 'Say what it is');
      // The same schedule, by Temporal's own command.
      await temporal('delete', '-s', 'nightly');
      const action = ['--type', 'karpathyLoop', '--workflow-id', 'nightly', '--task-queue', worker.queue];
      const input = JSON.stringify({ ...config, continues: 'nightly' });
      await temporal(
        'create',
        '-s',
        'nightly',
        '--cron',
        '0 22 1 1 *',
        '--overlap-policy',
        'Skip',
        ...action,
        '--input',
        input,
      );
      const third = await night();
      expect(third.records[0]).toMatchObject({ outcome: 'committed', champion: await target.git('rev-parse', 'main') });
      const branch = `karpathy-loop/${third.result.loopId}`;
      expect(await target.git('show', `${branch}:src/more.mjs`)).toContain('const ROUNDS = 100;');
      expect(await target.git('show', `${branch}:src/total.mjs`)).toContain('const ROUNDS = 280;');
      expect(await target.git('show', `${branch}:README.md`)).toBe('A target.');

      // What fails on the tip is dropped whole, and said.
      await target.commit(
        {
          'test.mjs': files['test.mjs']
            .replace(', total', '')
            .replace(
              "import { more } from './src/more.mjs';",
              "import { readFileSync } from 'node:fs';\nimport { more } from './src/more.mjs';\nassert.match(readFileSync('src/more.mjs', 'utf8'), /ROUNDS = 300/);",
            ),
        },
        'Hold the rounds',
      );
      const fourth = await night();
      expect(fourth.records[0]).toMatchObject({ outcome: 'rolledBack', reason: 'tests-failed' });
      expect(fourth.result.committed).toBe(0);
      expect(seen.size).toBe(4);
    } finally {
      await worker.stop();
      await target.remove();
      data.remove();
    }
  });
});
