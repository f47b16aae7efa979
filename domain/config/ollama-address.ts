/** As Ollama's own command reads OLLAMA_HOST (its envconfig.Host): scheme, host and port may each be left out. */
const defaultPorts: Record<string, string> = { 'http:': '80', 'https:': '443' };
/** A server listens there; a client asks the machine itself. */
const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' };

/** Reads an address of Ollama in any form that its command line takes; null where it is none. */
export function ollamaAddress(text: string): string | null {
  const plain = text.trim().replace(/^["'\s]+|["'\s]+$/g, '');
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(plain) ?? [];
  // A port alone and half of a scheme would be hosts.
  if (rest === '' || /[\s@?#*]|^\d{2,5}$/.test(rest) || /^https?\b(?!:\/\/)/i.test(rest)) return null;
  const [, hostPort = '', path = ''] = /^([^/]*)(\/.*)?$/.exec(rest) ?? [];
  const bare = /^[0-9a-f:.]+$/i.test(hostPort) && hostPort.split(':').length > 2 ? `[${hostPort}]` : hostPort;
  const named = bare.startsWith(':') ? `127.0.0.1${bare}` : bare;
  const address = `${scheme ?? 'http'}://${named.replace(/:$/, '')}${path}`;
  if (hostPort === '' || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (!Object.hasOwn(defaultPorts, url.protocol)) return null;
  const host = everywhere[url.hostname] ?? url.hostname;
  const port = url.port || (scheme ? '' : /:\d+$/.test(named) ? defaultPorts['http:']! : '11434');
  // Beginnings of its interfaces, as other clients want them.
  const prefix = url.pathname.replace(/\/+$/, '').replace(/\/(?:api|v1)$/, '');
  return `${url.protocol}//${host}${port ? `:${port}` : ''}${prefix}`;
}
