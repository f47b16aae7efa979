import { AsyncLocalStorage } from 'node:async_hooks';
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

const ending = new AsyncLocalStorage<AbortSignal>();

/** Lets a signal end the network commands that `work` runs, however deep. */
export function withNetworkSignal<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return ending.run(signal, work);
}

/**
 * Runs a git command that reaches a URL, with the person's own credentials, keys and proxies. No hook on this side runs.
 * @param clone where objects go to or come from; null for a question about the other side's refs
 * @throws NetworkFailure
 */
export async function gitNetwork(clone: Clone | null, url: string, args: readonly string[]): Promise<string> {
  const place = clone ?? '/';
  const environment = await environmentFor(place, url);
  const quiet = new AbortController();
  const signal = ending.getStore();
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

/** Refs of the other side by exact name, and those below such a name. */
export async function listRemoteRefs(url: string, names: readonly string[]): Promise<{ name: string; sha: string }[]> {
  const patterns = names.flatMap((name) => [name, `${name.replace(/\/$/, '')}/*`]);
  const output = await gitNetwork(null, url, ['ls-remote', '--end-of-options', url, ...patterns]);
  const listed = output.split('\n').flatMap((line) => {
    const [sha, name] = line.split('\t');
    return sha && name ? [{ sha, name }] : [];
  });
  // Git matches the end of a name: "x/refs/heads/a" would do for "refs/heads/a".
  return listed.filter((ref) =>
    names.some((name) => ref.name === name || ref.name.startsWith(`${name.replace(/\/$/, '')}/`)),
  );
}
