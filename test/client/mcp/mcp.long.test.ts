import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startAgent, type Agent } from '../../support/agent.ts';
import { call } from '../../support/command-line.ts';
import { createRepository } from '../../support/repository/repository.ts';
import { proposals, scriptedSource, slowExactRounds, targetConfig } from '../../support/repository/target.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { useWorkbench } from '../../support/workbench.ts';

describeWithServer('a coding agent leads a real loop', () => {
  const bench = useWorkbench();
  let agent: Agent | undefined;
  const place = () => ['--data', join(bench.data.path, 'data'), '--address', bench.server.address];
  afterEach(async () => {
    await agent?.client.close();
    await call(['down', ...place().slice(0, 2)]);
  });

  it('start, status, hint, why, show, stop: within what its command line allows', async () => {
    const part = { iterations: 50, benchmark: slowExactRounds, profile: 'none' as const };
    writeFileSync(join(bench.target.path, 'loop.json'), JSON.stringify(targetConfig(bench.target.path, part)));
    const source = scriptedSource(bench.data.path, [proposals.faster, proposals.broken]);
    const grants = ['--command-source', `script=${JSON.stringify(source.command)}`, '--repository', '.'];
    agent = await startAgent([...grants, ...place()], bench.target.path);
    const { ask, told } = agent;

    expect(await ask('start', { id: 'agent' })).toMatchObject({
      isError: false,
      text: expect.stringMatching(/started: agent$/) as string,
    });
    expect(told).toContain('bringing up server and worker');
    expect(await ask('start', { id: 'agent' })).toMatchObject({
      text: expect.stringMatching(/goes on: agent$/) as string,
    });
    await expect
      .poll(async () => (await ask('status')).text, { interval: 1_000 })
      .toMatch(/, 2 rolled back|, 1 rolled back/);
    const status = await ask('status', { loop: 'agent' });
    expect(status.text).toMatch(/^loop {6}agent: running, iteration \d+ of 50$/m);
    expect(status.text).toMatch(/^so far {4}1 committed, /m);

    expect(await ask('hint', { text: 'ROUNDS is pure waste' })).toMatchObject({ isError: false });
    expect((await ask('status')).text).toContain('\nhint      ROUNDS is pure waste\n');

    const why = await ask('why', { iteration: 2 });
    expect(why.text).toContain(
      'iteration 2 of loop agent\noutcome   rolled back (tests-failed): the tests failed on it\ntitle     Sum wrongly\n',
    );
    expect((await ask('why')).text).toMatch(/^iteration \d+ of loop agent\noutcome {3}(rolled back|failed) /);
    const shown = await ask('show', { iteration: 1, parts: ['diff', 'asked'] });
    expect(shown.text).toContain('+const ROUNDS = 100;\n');
    expect(shown.text).toContain('--- answer\n');

    const stopped = await ask('stop', { now: true });
    expect(stopped).toMatchObject({ isError: false });
    await expect
      .poll(async () => (await ask('status', { loop: 'agent' })).text)
      .toContain('agent: ended (stop request)');
    expect(await ask('stop', { loop: 'agent' })).toEqual({
      isError: true,
      text: 'error: loop: "agent" has ended (completed); there is nothing to stop',
    });
  });

  it('init writes what a package needs, tries it, and says what to type for the first loop', async () => {
    const repository = await createRepository({
      'package.json': '{"name": "words", "type": "module", "main": "lib/index.js", "scripts": {"test": "node --test"}}',
      'lib/index.js':
        "export function parse(text) {\n  let found = [];\n  for (const part of text.split('&')) found = [...found, part.split('=')];\n  return found;\n}\n",
      'test/index.test.js':
        "import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { parse } from '../lib/index.js';\ntest('parses', () => assert.deepEqual(parse('a=1&b=2')[1], ['b', '2']));\n",
    });
    try {
      agent = await startAgent(['--repository', repository.path, ...place()], repository.path);
      const { text, isError } = await agent.ask('init');
      expect(isError, text).toBe(false);
      expect(text).toMatch(/^ok {7}benchmark base [0-9a-f]{10} passes its tests; 10 runs: /m);
      expect(text).toMatch(/\nnext {6}npx karpathy-loop run .*\nready$/);
      expect(agent.told).toContain('looking at this machine');
      expect(await repository.git('show', '--name-only', '--format=%s', 'HEAD')).toBe(
        'Add a benchmark for the loop\n\nbench/karpathy-loop.mjs',
      );
      expect(JSON.parse(readFileSync(join(repository.path, 'loop.json'), 'utf8'))).toMatchObject({
        test: 'node --test',
      });
    } finally {
      await repository.remove();
    }
  });

  it('doctor and init are bounded: what the package needs beside is not granted', async () => {
    agent = await startAgent(['--repository', bench.target.path, ...place()], bench.target.path);
    const config = {
      ...targetConfig(bench.target.path, { benchmark: slowExactRounds, profile: 'none' }),
      hypothesis: { source: 'tune' },
    };
    writeFileSync(join(bench.target.path, 'loop.json'), JSON.stringify(config));
    const healthy = await agent.ask('doctor', { runs: 10 });
    expect(healthy.text).toContain('benchmark');
    expect(healthy).toMatchObject({ isError: false, text: expect.stringMatching(/no failure$/) as string });
    writeFileSync(
      join(bench.target.path, 'loop.json'),
      JSON.stringify({ ...config, hypothesis: { source: 'command', command: 'script' } }),
    );
    const refused = await agent.ask('start');
    expect(refused).toMatchObject({ isError: false });
    await expect
      .poll(async () => (await agent!.ask('status', { loop: refused.text.split(': ').at(-1)! })).text, {
        interval: 1_000,
      })
      .toMatch(/error: .*script/);
    const there = await agent.ask('init');
    expect(there.isError).toBe(true);
    expect(there.text).toMatch(/^error: loop.json: is there already in /);
  });
});
