import { execFile, spawn } from 'node:child_process';
import { chownSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { SandboxResult } from '../../adapters/sandbox/run.ts';
import { hasBubblewrap, isRoot, makeDirectory, makeTree, processesWith, requestOf, withBubblewrap } from './sandbox-request.ts';

/** Any uid but root's; it needs no account. */
const user = 54_321;

interface Answer {
  kind: string;
  limitsLayer: string;
  problems: string[];
  results: Record<string, SandboxResult>;
}

/** Where the tests run as an ordinary user already, the other files show the same. */
describe.skipIf(!hasBubblewrap || !isRoot)(withBubblewrap('the sandbox of an ordinary user'), () => {
  it('holds, with limits per process and CPU time from rusage', async () => {
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
    expect({ kind, limitsLayer, problems }).toEqual({ kind: 'bubblewrap', limitsLayer: 'rlimits', problems: [] });
    expect(results.ok).toMatchObject({ status: 'ok', stdout: 'out\n', cpuSource: 'rusage', peakBytes: null });
    expect(results.ok!.cpuMs).toBeGreaterThan(0);
    expect(results.copy).toMatchObject({ status: 'ok', stdout: 'a\n' });
    expect(results.writable).toMatchObject({ status: 'ok' });
    expect(results.failed).toMatchObject({ status: 'failed', exitCode: 4 });
    expect(results.timeout).toMatchObject({ status: 'timeout', exitCode: null });
    expect(processesWith('sleep 4341')).toEqual([]);
    expect(['failed', 'signal']).toContain(results.memory!.status);
    expect(results.processes!.status).toBe('failed');
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
    await expect.poll(() => processesWith('sleep 4342').filter((line) => /^ *\d+ sleep 4342$/.test(line)).length, { timeout: 30_000 }).toBe(2);
    worker.kill('SIGKILL');
    await expect.poll(() => processesWith('sleep 4342'), { timeout: 10_000 }).toEqual([]);
  });
});

const createModule = JSON.stringify(fileURLToPath(new URL('../../adapters/sandbox/create.ts', import.meta.url)));

function userCommand(script: string): string[] {
  const tsx = fileURLToPath(import.meta.resolve('tsx/esm'));
  const identity = ['--reuid', String(user), '--regid', String(user), '--clear-groups', '--'];
  return ['setpriv', ...identity, process.execPath, '--import', tsx, '--input-type=module', '-e', script];
}

function environmentIn(home: string): Record<string, string | undefined> {
  return { PATH: process.env.PATH, HOME: home, TMPDIR: home };
}

async function asUser(home: string, requests: object): Promise<Answer> {
  const script = `
    import { createSandbox } from ${createModule};
    const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: ${JSON.stringify(`${home}/generated`)} });
    const results = {};
    for (const [name, request] of Object.entries(${JSON.stringify(requests)})) results[name] = await sandbox.run(request);
    console.log(JSON.stringify({ kind: sandbox.kind, limitsLayer: sandbox.limitsLayer, problems: await sandbox.selfTest(['node']), results }));`;
  const [file, ...args] = userCommand(script);
  const { stdout } = await promisify(execFile)(file!, args, { cwd: home, env: environmentIn(home) });
  return JSON.parse(stdout) as Answer;
}
