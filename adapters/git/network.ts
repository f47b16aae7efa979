import { execa } from 'execa';
import { isUrl } from '../../domain/config/repository.ts';
import { commandSettings, environmentOf, toFailure, type Clone } from './command.ts';
import { networkEnvironment, sshCommand } from './network-environment.ts';
import { explainNetwork } from './network-failure.ts';

/** Beside those of every command: a host that has gone silent is given up, and nothing of the person's defaults is pushed along. */
const networkSettings = [
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
  'credential.interactive=false',
  'push.pushOption=',
];

/** A command that has said nothing for so long is ended: fetch and push tell of their progress. */
const silenceMs = { short: 60_000, long: 300_000 };

interface NetworkOptions {
  /** Objects go to it or come from it; without one only the other side's refs are asked for. */
  clone?: Clone;
  /** Ends the command; the clone's own unless given. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs a git command that reaches a URL, with the person's own credentials, keys and proxies. No hook on this side runs.
 * @throws NetworkFailure; the signal's reason
 */
export async function gitNetwork(
  url: string,
  args: readonly string[],
  { clone, signal = clone?.signal }: NetworkOptions,
): Promise<string> {
  const place = clone ?? '/';
  const environment = await environmentFor(place, url);
  const quiet = new AbortController();
  const patience = clone ? silenceMs.long : silenceMs.short;
  const timer = setTimeout(() => quiet.abort(new Error(`nothing was heard for ${patience / 1000} s`)), patience);
  try {
    const child = execa(
      'git',
      [...[...commandSettings, ...networkSettings].flatMap((setting) => ['-c', setting]), ...args],
      {
        cwd: clone?.directory ?? '/',
        env: environment,
        extendEnv: false,
        stdin: 'ignore',
        maxBuffer: 1 << 28,
        reject: false,
        cancelSignal: signal ? AbortSignal.any([quiet.signal, signal]) : quiet.signal,
      },
    );
    child.stderr.on('data', () => timer.refresh());
    const result = await child;
    signal?.throwIfAborted();
    if (!result.failed) return result.stdout;
    const cause = quiet.signal.aborted
      ? (quiet.signal.reason as Error)
      : result.cause instanceof Error
        ? result.cause
        : undefined;
    // Of a push each ref's fate stands on standard output.
    const said = [
      result.stderr.replaceAll('\r', '\n'),
      ...result.stdout.split('\n').filter((line) => line.startsWith('!')),
    ].join('\n');
    throw explainNetwork(url, toFailure(place, args, result.exitCode ?? null, said, cause));
  } finally {
    clearTimeout(timer);
  }
}

async function environmentFor(place: Clone | string, url: string): Promise<Record<string, string>> {
  const person = networkEnvironment();
  const fixed = Object.entries(environmentOf(place, {})).filter(
    ([name]) => !/^GIT_CONFIG_(NOSYSTEM|GLOBAL)$/.test(name),
  );
  const environment: Record<string, string> = { ...Object.fromEntries(fixed), ...person };
  if (!isUrl(url) || /^(https?|git|file):/.test(url)) return environment;
  const configured = await execa('git', ['config', '--get', 'core.sshCommand'], {
    cwd: '/',
    env: environment,
    extendEnv: false,
    reject: false,
  });
  return { ...environment, ...sshCommand(configured.stdout.trim() || null) };
}
