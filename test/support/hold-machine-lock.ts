import { once } from 'node:events';
import { machineLock } from '../../adapters/bench.ts';
import { withLock } from '../../adapters/lock.ts';

/** Run as a program: says "held" once it has the machine-wide lock, and keeps it until its standard input ends. */
await withLock(machineLock, async () => {
  console.log('held');
  await once(process.stdin.resume(), 'end');
});
