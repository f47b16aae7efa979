import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { tryLock } from '../../adapters/lock.ts';

const program = fileURLToPath(new URL('../support/hold-machine-lock.ts', import.meta.url));
const holders: ChildProcess[] = [];
afterEach(() => holders.splice(0).forEach((holder) => holder.kill('SIGKILL')));

/** Asks for the lock in a process of its own. */
function hold(environment: NodeJS.ProcessEnv): { said: () => string; held: Promise<unknown>; end: () => void } {
  const env = { ...process.env, ...environment };
  const holder = spawn(process.execPath, ['--import', 'tsx', program], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  holders.push(holder);
  let said = '';
  holder.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { said: () => said, held: once(holder.stdout, 'data'), end: () => holder.stdin.end() };
}

// A loop that runs on this machine has the lock at times: then this test waits for it.
it('The machine-wide lock is one for all processes, wherever their temporary files lie; the suites have another.', async () => {
  const first = hold({ KARPATHY_LOOP_LOCK: undefined, TMPDIR: '/var/tmp' });
  await first.held;
  expect(await tryLock('/tmp/karpathy-loop.lock')).toBeNull();
  const second = hold({ KARPATHY_LOOP_LOCK: undefined });
  const ofSuites = hold({});
  await ofSuites.held;
  expect(second.said()).toBe('');
  first.end();
  await second.held;
  expect(second.said()).toBe('held\n');
});
