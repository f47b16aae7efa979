import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { SetupError } from './bring.mjs';

/**
 * Starts a service with its output in the file `log`. Ctrl-C does not reach it, so the script can end its users first.
 * The kernel sends it `deathSignal` when the script dies.
 */
export function startInBackground(command, args, { log, deathSignal, ...options }) {
  const output = openSync(log, 'a');
  const [program, ...rest] = [...dyingWithParent(deathSignal), command, ...args];
  const child = spawn(program, rest, { ...options, stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
  });
  const name = basename(command);
  const failure = (fact) =>
    new SetupError(`${name}: ${fact}; see the end of its output\n  ${lastLines(log).join('\n  ')}`);
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    /** Fulfilled with the reason once the service has ended. */
    ended,
    /** Throws, with its last lines of output, if it has ended. */
    async assertRunning() {
      if (!running()) throw failure(await ended);
    },
    failure,
    /** Asks it to end, and kills it after some seconds. */
    async stop(signal, seconds) {
      if (running()) child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
      await ended;
      clearTimeout(timer);
    },
  };
}

function lastLines(log) {
  const lines = readFileSync(log, 'utf8').trim().split('\n').slice(-15);
  return lines.map((line) => line.slice(0, 500));
}

/** Needs util-linux; elsewhere a killed script leaves its services running. */
function dyingWithParent(signal) {
  const launcher = ['setpriv', '--pdeathsig', signal];
  return spawnSync(launcher[0], [...launcher.slice(1), 'true'], { stdio: 'ignore' }).status === 0 ? launcher : [];
}
