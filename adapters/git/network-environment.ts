/** Git may need these to reach a host and to know credentials. Nothing else of the person's environment is handed on. */
const names = [
  'HOME USER LOGNAME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS DISPLAY GNUPGHOME',
  'SSH_AUTH_SOCK SSH_AGENT_PID GIT_SSH GIT_SSH_COMMAND GIT_SSH_VARIANT GIT_ASKPASS SSH_ASKPASS SSH_ASKPASS_REQUIRE',
  'GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_NOSYSTEM GIT_PROXY_COMMAND SSL_CERT_FILE SSL_CERT_DIR',
  'http_proxy https_proxy no_proxy all_proxy HTTPS_PROXY NO_PROXY ALL_PROXY',
].flatMap((line) => line.split(' '));

/** Nobody sits there to be asked, and a host that does not answer is given up. */
const patientSsh = 'ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4';

/** For commands that reach a URL: the transports that are served, and the person's own settings, agents and proxies. */
export function networkEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && (names.includes(name) || /^GIT_(PROXY_)?SSL_/.test(name)) ? [[name, value] as const] : [],
  );
  return { ...Object.fromEntries(kept), GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh' };
}

/** The ssh command where the person has named none, by variable or by their git's configuration. */
export function sshCommand(
  configured: string | null,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return configured || environment['GIT_SSH_COMMAND'] || environment['GIT_SSH'] ? {} : { GIT_SSH_COMMAND: patientSsh };
}
