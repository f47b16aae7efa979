import { environmentOf, gitBytes, GitFailure, type Clone, type Place } from './command.ts';
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

/** Git may need these to reach a host and to know credentials. Nothing else of the person's environment is handed on. */
const handedOn = [
  'HOME USER LOGNAME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS DISPLAY GNUPGHOME',
  'SSH_AUTH_SOCK SSH_AGENT_PID GIT_SSH GIT_SSH_COMMAND GIT_SSH_VARIANT GIT_ASKPASS SSH_ASKPASS SSH_ASKPASS_REQUIRE',
  'GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_NOSYSTEM GIT_PROXY_COMMAND SSL_CERT_FILE SSL_CERT_DIR',
  'http_proxy https_proxy no_proxy all_proxy HTTPS_PROXY NO_PROXY ALL_PROXY',
].flatMap((line) => line.split(' '));

/** Nobody sits there to be asked, and a host that does not answer is given up. */
const patientSsh = 'ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4';

async function environmentFor(place: Place, url: string): Promise<Record<string, string>> {
  const { GIT_CONFIG_NOSYSTEM, GIT_CONFIG_GLOBAL, ...environment } = environmentOf(place, {});
  for (const [name, value = ''] of Object.entries(process.env))
    if (handedOn.includes(name) || /^GIT_(PROXY_)?SSL_/.test(name)) environment[name] = value;
  environment['GIT_ALLOW_PROTOCOL'] = 'file:git:http:https:ssh';
  if (/^(https?|git|file):/.test(url) || environment['GIT_SSH_COMMAND'] || environment['GIT_SSH']) return environment;
  const configured = await gitBytes('/', ['config', '--get', 'core.sshCommand'], { environment }).catch(() => '');
  return configured.toString().trim() ? environment : { ...environment, GIT_SSH_COMMAND: patientSsh };
}
