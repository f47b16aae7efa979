import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';

/** Makes a fetch without Node's limit of five minutes without a byte, since a large prompt can take longer. */
export function patientFetch(signal?: AbortSignal): typeof fetch {
  return async (input, init = {}) => {
    const headers: Record<string, string> = {};
    new Headers(init.headers).forEach((value, name) => (headers[name] = value));
    const url = new URL(input instanceof Request ? input.url : input);
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: init.method ?? 'GET',
      headers,
      signal: AbortSignal.any([signal, init.signal].filter((one) => one != null)),
    });
    // Once the response is there, its body tells of errors.
    request.on('error', () => undefined).end(init.body as string | undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new Response(Readable.toWeb(response) as ReadableStream<Uint8Array>, {
      status: response.statusCode ?? 502,
      headers: Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]),
    });
  };
}
