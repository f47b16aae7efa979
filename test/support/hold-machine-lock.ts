import { once } from 'node:events';
import { machineLockPath } from '../../adapters/machine-lock.ts';
import { withLock } from '../../adapters/lock.ts';

/** Run as a program: says "held" once it has the machine-wide lock, and keeps it until its standard input ends. */
await withLock(machineLockPath, async () => {
  console.log('held');
  await once(process.stdin.resume(), 'end');
});
