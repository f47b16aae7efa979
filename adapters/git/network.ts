import { environmentOf, gitBytes, GitFailure, type Clone, type Place } from './command.ts';
import { networkEnvironment, sshCommand } from './network-environment.ts';
import { explainNetwork } from './network-failure.ts';

/** A host that has gone silent is given up, and nothing of the person's defaults is pushed along. */
const settings = ['http.lowSpeedLimit=1', 'http.lowSpeedTime=60', 'credential.interactive=false', 'push.pushOption='];

/** A command that has written nothing for so long is ended: fetch and push tell of their progress. */
const silenceTimeoutMs = { question: 60_000, transfer: 300_000 };

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
  const silence = new AbortController();
  const timeoutMs = silenceTimeoutMs[clone ? 'transfer' : 'question'];
  const giveUp = () => silence.abort(new Error(`nothing was heard for ${timeoutMs / 1000} s`));
  const timer = setTimeout(giveUp, timeoutMs);
  try {
    const output = await gitBytes(place, args, {
      settings,
      environment: await environmentFor(place, url),
      signal: signal ? AbortSignal.any([silence.signal, signal]) : silence.signal,
      onStderr: () => timer.refresh(),
    });
    return output.toString();
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof GitFailure ? explainNetwork(url, error) : error;
  } finally {
    clearTimeout(timer);
  }
}

async function environmentFor(place: Place, url: string): Promise<Record<string, string>> {
  const { GIT_CONFIG_NOSYSTEM, GIT_CONFIG_GLOBAL, ...fixed } = environmentOf(place, {});
  const environment = { ...fixed, ...networkEnvironment() };
  if (/^(https?|git|file):/.test(url)) return environment;
  const configured = await gitBytes('/', ['config', '--get', 'core.sshCommand'], { environment }).catch(() => null);
  return { ...environment, ...sshCommand(configured?.toString().trim() || null) };
}
