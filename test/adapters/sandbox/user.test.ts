import { spawn } from 'node:child_process';
import { chownSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasBubblewrap, isRoot, makeDirectory, makeTree, processesWith, requestOf, withBubblewrap } from './request.ts';
import { asUser, createModule, environmentIn, user, userCommand } from './variants.ts';

/** Where the tests run as an ordinary user already, the other files show the same. */
describe.skipIf(!hasBubblewrap || !isRoot)(withBubblewrap('the sandbox of an ordinary user'), () => {
  it('holds, with limits that are polled and CPU time from rusage', async () => {
    const [tree, own] = [makeTree({ 'a.txt': 'a\n' }), makeTree({ 'a.txt': 'a\n' })];
    const home = makeDirectory();
    for (const path of [own, home]) chownSync(path, user, user);
    const limits = { memoryMiB: 256, processes: 32 };
    const requests = {
      ok: requestOf('echo out; node -e "for (const end = Date.now() + 300; Date.now() < end;);"', tree),
      copy: requestOf('touch x && cat a.txt', tree, { workspace: 'copy' }),
      writable: requestOf('touch made', own, { workspace: 'writable' }),
      failed: requestOf('( : >>/proc/sys/kernel/core_pattern ) || exit 4', tree),
      timeout: requestOf('trap "" TERM; setsid sleep 4341 & sleep 4341', tree, { limits: { seconds: 0.5 } }),
      memory: requestOf('node -e "const kept = []; for (;;) kept.push(Buffer.alloc(16 << 20, 1));"', tree, { limits }),
      processes: requestOf('n=0; while [ $n -lt 60 ]; do sleep 30 & n=$((n + 1)); done; echo all', tree, { limits }),
    };
    const { kind, limitsLayer, problems, results } = await asUser(home, requests);
    expect({ kind, limitsLayer, problems }).toEqual({ kind: 'bubblewrap', limitsLayer: 'polled', problems: [] });
    expect(results.ok).toMatchObject({ status: 'ok', stdout: 'out\n', cpuSource: 'rusage', peakBytes: null });
    expect(results.ok!.cpuMs).toBeGreaterThan(0);
    expect(results.copy).toMatchObject({ status: 'ok', stdout: 'a\n' });
    expect(results.writable).toMatchObject({ status: 'ok' });
    expect(results.failed).toMatchObject({ status: 'failed', exitCode: 4 });
    expect(results.timeout).toMatchObject({ status: 'timeout', exitCode: null });
    expect(processesWith('sleep 4341')).toEqual([]);
    // By the poller or, before it looks, by the kernel.
    expect(['oom', 'failed', 'signal']).toContain(results.memory!.status);
    expect(['pids', 'failed']).toContain(results.processes!.status);
    expect(results.processes!.stdout).toBe('');
    for (const path of [home, own]) rmSync(path, { recursive: true });
  });

  it('leaves nothing of a run when its worker is killed by SIGKILL', async () => {
    const home = makeDirectory();
    chownSync(home, user, user);
    const request = requestOf('setsid sleep 4342 & sleep 4342', makeTree());
    const [file, ...args] = userCommand(`
      import { createSandbox } from ${createModule};
      const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: ${JSON.stringify(`${home}/generated`)} });
      await sandbox.run(${JSON.stringify(request)});`);
    const worker = spawn(file!, args, { cwd: home, env: environmentIn(home), stdio: 'ignore' });
    await expect
      .poll(() => processesWith('sleep 4342').filter((line) => /^ *\d+ sleep 4342$/.test(line)).length, {
        timeout: 30_000,
      })
      .toBe(2);
    worker.kill('SIGKILL');
    await expect.poll(() => processesWith('sleep 4342')).toEqual([]);
  });
});
