import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a Node.js program in this terminal and returns its exit code (128 plus the number of a signal that ended it).
 * Ctrl-C reaches the program itself; this process waits for its end.
 */
export function runInForeground(args, options = {}) {
  const child = spawn(process.execPath, args, { stdio: 'inherit', ...options });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
