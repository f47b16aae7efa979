import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { tail } from '../../../domain/text.ts';

/** Characters kept of both streams' end: enough for the tail of a report, whatever is cleaned out of it. */
const keptTail = 32_768;

export interface Output {
  stdout: string;
  tail: string;
  outBytes: number;
  truncated: boolean;
}

/**
 * Reads both streams as they come and keeps what a result needs of them.
 * @param limitBytes of both together; standard output is cut there
 * @param onExcess called once, at the first byte beyond the limit
 */
export function collectOutput(
  stdout: Readable,
  stderr: Readable,
  limitBytes: number,
  onExcess: () => void,
): () => Output {
  const kept: Buffer[] = [];
  let outBytes = 0;
  let truncated = false;
  let end = '';
  const listen = (stream: Readable, keep: boolean) => {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => {
      const room = Math.max(0, limitBytes - outBytes);
      outBytes += chunk.length;
      if (keep && room > 0) kept.push(chunk.subarray(0, room));
      end = (end + decoder.write(chunk)).slice(-keptTail);
      if (outBytes > limitBytes && !truncated) {
        truncated = true;
        onExcess();
      }
    });
  };
  listen(stdout, true);
  listen(stderr, false);
  return () => ({ stdout: Buffer.concat(kept).toString('utf8'), tail: tail(end), outBytes, truncated });
}
