import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';

/**
 * A fetch that waits as long as its signal allows: Node's own gives up after five minutes without a byte,
 * and a large prompt on a small machine takes longer until its first token. Never follows a redirect.
 */
export function patientFetch(signal?: AbortSignal): typeof fetch {
  return (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signals = [signal, init.signal].filter((one) => one != null);
    return new Promise<Response>((resolve, reject) => {
      const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
        url,
        {
          method: init.method ?? 'GET',
          headers: Object.fromEntries(new Headers(init.headers)),
          signal: AbortSignal.any(signals),
        },
        (response) => {
          const headers = new Headers(
            Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]),
          );
          resolve(
            new Response(Readable.toWeb(response) as ReadableStream<Uint8Array>, {
              status: response.statusCode ?? 502,
              headers,
            }),
          );
        },
      );
      request.once('error', reject);
      request.end(init.body as string | undefined);
    });
  };
}
