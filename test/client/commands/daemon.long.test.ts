import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runningDaemon } from '../../../client/backend/daemon-file.ts';
import { readSettings } from '../../../client/loops/run-settings.ts';
import { recordedServer } from '../../../client/backend/server-file.ts';
import { begin, call } from '../../support/command-line.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';
import {
  createTarget,
  proposals,
  scriptedSource,
  slowExactRounds,
  targetConfig,
} from '../../support/repository/target.ts';

describeWithServer('a loop that outlives its terminal', () => {
  let target: Awaited<ReturnType<typeof createTarget>>;
  let place: ReturnType<typeof createDataDirectory>;
  let data: string;

  beforeEach(async () => {
    target = await createTarget();
    place = createDataDirectory();
    data = join(place.path, 'data');
    writeLoop('loop.json', target.path);
  });
  afterEach(async () => {
    await call(['down', '--data', data]);
    await target.remove();
    place.remove();
  });

  /** Long enough that no busy machine ends it before a command has begun. */
  function writeLoop(name: string, repository: string, iterations = 30): void {
    const config = targetConfig(repository, { iterations, benchmark: slowExactRounds });
    writeFileSync(join(place.path, name), JSON.stringify(config));
  }

  function run(name = 'loop.json', id = 'led', ...more: string[]): string[] {
    const { command } = scriptedSource(place.path, [proposals.faster, proposals.broken]);
    const source = `script=${JSON.stringify(command)}`;
    return ['run', join(place.path, name), '--id', id, '--data', data, '--command-source', source, ...more];
  }

  it('goes on when Ctrl-C detaches, when the terminal is closed and when the command is killed; attach shows the end', async () => {
    writeLoop('loop.json', target.path, 3);
    const first = begin(run());
    await until(() => first.said().includes('1/3  benchmark'));
    first.process.kill('SIGINT');
    const { code, stdout } = await first.ended;
    expect(code).toBe(130);
    expect(stdout).toContain(
      `detached: the loop goes on, also when this terminal is closed\nattach: npx karpathy-loop attach led --data ${data}\n`,
    );
    const daemon = runningDaemon(data)!;
    for (const signal of ['SIGHUP', 'SIGKILL'] as const) {
      const again = begin(['attach', 'led', '--data', data]);
      await until(() => again.said().includes('loop      led\n'));
      again.process.kill(signal);
      await again.ended;
    }
    const attached = await call(['attach', 'led', '--data', data, '--json']);
    expect([attached.code, runningDaemon(data)!.pid]).toEqual([0, daemon.pid]);
    expect(JSON.parse(attached.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      loopId: 'led',
      iterations: 3,
      committed: 1,
      rolledBack: 1,
    });
    expect(attached.stderr).toContain('2/3  rolledBack: tests-failed, Sum wrongly\n');
    const later = await call(['attach', 'led', '--data', data]);
    expect([later.code, later.stdout]).toEqual([0, expect.stringMatching(/^ended {5}all 3 iterations are done$/m)]);
  });

  it('is brought up again by whoever is attached when the daemon is killed', async () => {
    writeLoop('loop.json', target.path, 2);
    const following = begin(run());
    await until(() => following.said().includes('1/2  benchmark'));
    const { pid } = runningDaemon(data)!;
    process.kill(pid, 'SIGKILL');
    const { code, stdout } = await following.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('daemon ended; starting it again\n');
    expect(stdout).toContain('2/2  rolledBack: tests-failed, Sum wrongly\n');
    expect(runningDaemon(data)!.pid).not.toBe(pid);
  });

  it('waits after down, which ends server and worker, and goes on with attach', async () => {
    const detached = await call(run('loop.json', 'led', '--detach'));
    expect([detached.code, detached.stderr]).toEqual([0, '']);
    const following = begin(['attach', '--data', data]);
    await until(() => following.said().includes('1/30  benchmark'));
    const down = await call(['down', '--data', data]);
    expect(down.stdout).toBe(
      `down: server and worker of ${data} have ended\nled waits; npx karpathy-loop attach led --data ${data} goes on\n`,
    );
    expect([runningDaemon(data), recordedServer(data)]).toEqual([undefined, undefined]);
    const left = await following.ended;
    expect([left.code, left.stderr]).toEqual([
      1,
      'error: daemon: was ended by "down"; its loops wait, and the same command goes on\n',
    ]);
    expect((await call(['down', '--data', data])).stdout).toBe(`down: nothing is up on ${data}\n`);
    const paused = await call(['pause', 'led', '--data', data]);
    expect([paused.code, paused.stderr]).toEqual([0, '']);
    expect(paused.stdout).toMatch(/^bringing up server and worker\nloop {6}led: paus/);
    const stopped = await call(['stop', 'led', '--data', data]);
    expect([stopped.code, stopped.stderr]).toEqual([0, '']);
    const ended = await call(['attach', 'led', '--data', data]);
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringMatching(/^ended {5}it was asked to stop$/m)]);
  });

  it('takes in another repository while a loop runs, and refuses other grants then', async () => {
    const other = await createTarget();
    try {
      writeLoop('other.json', other.path);
      expect(await call(run('loop.json', 'led', '--detach'))).toMatchObject({ code: 0, stderr: '' });
      const refused = await call(run('other.json', 'other', '--allow-environment', 'SOMETHING'));
      expect([refused.code, refused.stderr]).toEqual([
        1,
        `error: daemon: led runs on ${data} with other grants or another server; wait, stop it, or give another --data\n`,
      ]);
      const second = await call(run('other.json', 'other', '--detach'));
      expect([second.code, second.stderr]).toEqual([0, '']);
      const { repositories } = runningDaemon(data)!;
      expect(repositories).toEqual([target.path, other.path]);
      for (const id of ['led', 'other'])
        expect((await call(['status', id, '--data', data])).stdout).toMatch(new RegExp(`^loop {6}${id}: `));
    } finally {
      await other.remove();
    }
  });

  it('ends by itself when no loop has been open for a while, and is no command for persons', async () => {
    const bin = fileURLToPath(new URL('../../../client/karpathy-loop.mjs', import.meta.url));
    const daemon = spawn(process.execPath, [bin, 'daemon', '--data', data, '--idle', '1'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const settings = readSettings(join(place.path, 'none.json'));
    daemon.send(settings);
    expect(await once(daemon, 'message')).toEqual([{ kind: 'ready' }, undefined]);
    daemon.disconnect();
    expect(await once(daemon, 'exit')).toEqual([0, null]);
    expect([runningDaemon(data), recordedServer(data)]).toEqual([undefined, undefined]);
    expect(readFileSync(join(data, 'run-settings.json'), 'utf8')).toContain('repositories');
    const typed = await call(['daemon', '--data', data]);
    expect([typed.code, typed.stderr]).toEqual([2, 'error: daemon: is brought up by "run"; type that\n']);
  });
});

/** Until it holds; the test's own timeout is the bound. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 100));
}
